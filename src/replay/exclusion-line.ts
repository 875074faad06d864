import type { Config } from '../config/config.ts';
import { declaredBy } from '../contract/exclusion-schema.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import { understoodExclusion } from '../casework/exclusion-request.ts';
import { type Fields, instantField, LineError, shown, textField } from './line-fields.ts';

/** How an exclusion stands: `proposed` and `withdrawn` ones count for nothing. */
const STATES = ['proposed', 'in-force', 'withdrawn'] as const;
export type ToldState = (typeof STATES)[number];

const OPENINGS = ['declared', 'proposed'] as const;
const DECISIONS = ['confirmed', 'withdrawn'] as const;

/** What one line of an exclusion file says: that there is an exclusion, or what was decided on one. */
export type ExclusionLine =
  | {
      readonly says: 'opened';
      readonly id: string;
      readonly state: ToldState;
      /** One for each of its spans. */
      readonly declared: readonly DeclaredExclusion[];
      /** When it was entered, where the line tells an event; null where it tells how things stand. */
      readonly atMs: number | null;
      readonly source: string | null;
    }
  | {
      readonly says: (typeof DECISIONS)[number];
      readonly id: string;
      readonly atMs: number;
    };

/**
 * Understands one line of an exclusion file, in one of three shapes: an exclusion as the configuration writes it, which is
 * in force; one as `vigie exclude list --output json` shows it, by its `state`; or what happened to one, by `event` and
 * `at`. Throws {@link LineError}.
 */
export function parseExclusionLine(fields: Fields, config: Config): ExclusionLine {
  if ('event' in fields) return eventLine(fields, config);
  if ('state' in fields) return listedLine(fields, config);
  const declared = declaredIn(fields, config);
  return { says: 'opened', id: idOf(fields), state: 'in-force', declared, atMs: null, source: null };
}

function eventLine(fields: Fields, config: Config): ExclusionLine {
  const event = wordField(fields, 'event', [...OPENINGS, ...DECISIONS]);
  const atMs = instantField(fields, 'at');
  if (event === 'confirmed' || event === 'withdrawn') return { says: event, id: idOf(fields), atMs };
  const { exclusion } = fields;
  if (typeof exclusion !== 'object' || exclusion === null || Array.isArray(exclusion))
    throw new LineError(`"exclusion" is ${shown(exclusion)}, expected what is excluded`);
  const said = { ...exclusion };
  const declared = declaredIn(said, config).map((one) => ({ ...one, enteredAtMs: atMs }));
  const state = event === 'declared' ? 'in-force' : 'proposed';
  return { says: 'opened', id: idOf(said), state, declared, atMs, source: null };
}

function listedLine(fields: Fields, config: Config): ExclusionLine {
  const state = wordField(fields, 'state', STATES);
  const source = fields['source'] === undefined ? null : textField(fields, 'source');
  const opened = { says: 'opened', id: idOf(fields), state, atMs: null, source } as const;
  // What was withdrawn may name what is no longer there.
  if (state === 'withdrawn') return { ...opened, declared: [] };
  return { ...opened, declared: spansIn(fields).flatMap((span) => declaredIn({ ...span }, config)) };
}

/** What a listed exclusion says of each of its spans, in the words of the configuration. */
function spansIn(fields: Fields): readonly Fields[] {
  const { spans, kind, rows, checks, scopes, reason, author, evidence, enteredAt, id } = fields;
  if (!Array.isArray(spans) || spans.length === 0)
    throw new LineError(`"spans" is ${shown(spans)}, expected a list of { "from", "to" }`);
  const said = {
    ...{ id, kind, reason, author },
    ...(rows !== undefined && { rows }),
    ...(checks !== undefined && { checks }),
    ...(scopes !== undefined && { scopes }),
    ...(evidence !== undefined && { evidence }),
    ...(enteredAt !== undefined && enteredAt !== null && { enteredAt }),
  };
  return spans.map((span: unknown): Fields => {
    const { from, to }: Fields = typeof span === 'object' && span !== null ? { ...span } : {};
    return { ...said, from, to };
  });
}

function declaredIn(data: Fields, config: Config): readonly DeclaredExclusion[] {
  const understood = understoodExclusion(data, config);
  if (understood.ok) return declaredBy(understood.given.statement);
  throw new LineError(understood.problems.join('; '));
}

function idOf(fields: Fields): string {
  return textField(fields, 'id');
}

function wordField<Word extends string>(fields: Fields, name: string, words: readonly Word[]): Word {
  const told = textField(fields, name);
  const word = words.find((one) => one === told);
  if (word === undefined)
    throw new LineError(`"${name}" is ${shown(told)}, expected one of ${words.join(', ')}`);
  return word;
}
