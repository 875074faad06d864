import type { Refusal } from './refusal.ts';
import type { RegionState, Tag } from './state.ts';

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

/** Those that `Filters` asks for by `Tags` (`KEY=VALUE`) and by `TagKeys`. */
export function tagged<T extends { readonly Tags: readonly Tag[] }>(
  body: ActionContext['body'],
  members: readonly T[],
): readonly T[] {
  const filters: object = typeof body['Filters'] === 'object' && body['Filters'] ? body['Filters'] : {};
  const [pairs, keys]: readonly unknown[] = [Reflect.get(filters, 'Tags'), Reflect.get(filters, 'TagKeys')];
  return members.filter(
    ({ Tags }) =>
      (!Array.isArray(pairs) || Tags.some(({ Key, Value }) => pairs.includes(`${Key}=${Value}`))) &&
      (!Array.isArray(keys) || Tags.some(({ Key }) => keys.includes(Key))),
  );
}

/** Whether `Filters.<name>` asks for a member by this value, or for all. */
export function isWanted(body: ActionContext['body'], name: string, value: string | undefined): boolean {
  const filters = body['Filters'];
  const wanted: unknown = typeof filters === 'object' && filters ? Reflect.get(filters, name) : undefined;
  return !Array.isArray(wanted) || (value !== undefined && wanted.includes(value));
}

/** A page of a list under its name; the page after it is named by where it begins. */
export function paged(
  body: ActionContext['body'],
  name: string,
  members: readonly unknown[],
): Readonly<Record<string, unknown>> {
  const from = Number(body['NextPageToken'] ?? 0);
  const to = from + Number(body['ResultsPerPage'] ?? 100);
  return { [name]: members.slice(from, to), ...(to < members.length ? { NextPageToken: String(to) } : {}) };
}
