import type { Refusal } from './refusal.ts';
import type { RegionState } from './state.ts';

/** What a call is given. */
export interface ActionContext {
  readonly region: RegionState;
  readonly body: Readonly<Record<string, unknown>>;
  /** A new identifier: `vol-00000007`. */
  readonly newId: (prefix: string) => string;
  readonly nowMs: number;
}

/** Carries out one call: the fields of its answer, or why not. */
export type Act = (context: ActionContext) => object | Refusal;

/** Whether a call came to an error. */
export function isRefusal(result: object): result is Refusal {
  return 'status' in result && 'code' in result;
}

/** The members that `Filters.<name>` asks for, or all. An unknown one is left out, as the provider does. */
export function filtered<T>(
  body: ActionContext['body'],
  name: string,
  members: ReadonlyMap<string, T>,
): readonly T[] {
  const filters = body['Filters'];
  const wanted: unknown = typeof filters === 'object' && filters ? Reflect.get(filters, name) : undefined;
  const entries = [...members];
  return entries.filter(([id]) => !Array.isArray(wanted) || wanted.includes(id)).map(([, member]) => member);
}

/** The texts of a list in a body; none when there is no such list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
