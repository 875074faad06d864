import { type ExclusionStatement, spansOf } from '../contract/exclusion-schema.ts';
import { type DeclaredExclusion, declaredOver, type ExclusionKind } from '../core/exclusion.ts';
import type { Span } from '../core/span.ts';
import type { LedgerEntry } from '../window/ledger.ts';
import { type EnteredExclusionEvent, exclusionEventOf } from './exclusion-event.ts';

/** `proposed`: counts for nothing yet; `in-force`: takes time out; `withdrawn`: no longer does. */
export const EXCLUSION_STATES = ['proposed', 'in-force', 'withdrawn'] as const;
export type ExclusionState = (typeof EXCLUSION_STATES)[number];

/**
 * Whether it was entered `before` its first span began, after that had `begun`, or when its last span had `ended`;
 * `unknown` where nobody noted when.
 */
export type AfterTheFact = 'before' | 'begun' | 'ended' | 'unknown';

/** One thing that happened to an exclusion. */
export interface ExclusionStep {
  readonly event: EnteredExclusionEvent['event'];
  readonly atMs: number;
  readonly author: string;
  /** Why it was confirmed or withdrawn; null of the first. */
  readonly reason: string | null;
}

/** An exclusion with its whole life. */
export interface Exclusion {
  readonly id: string;
  readonly state: ExclusionState;
  readonly kind: ExclusionKind;
  readonly rows?: readonly string[];
  readonly checks?: readonly string[];
  readonly scopes?: readonly string[];
  readonly reason: string;
  readonly author: string;
  readonly evidence?: string;
  /** `configuration`, `person`, or what proposed it. */
  readonly source: string;
  /** In order of their beginnings; several where it comes back. */
  readonly spans: readonly Span[];
  /** When it was first said; null where nobody noted it. */
  readonly enteredAtMs: number | null;
  readonly afterTheFact: AfterTheFact;
  /** In the order of the ledger; empty where it stands in the configuration. */
  readonly history: readonly ExclusionStep[];
}

/** What a ledger of exclusions comes to. */
export interface ExclusionBook {
  /** By id, in the order in which they were first said. */
  readonly exclusions: ReadonlyMap<string, Exclusion>;
  /** Sequence numbers of lines that this version does not understand: they count for nothing. */
  readonly unreadable: readonly number[];
}

/**
 * Every exclusion of a ledger, from all of its lines in order; the state is a fold over what was said and nothing else.
 * Of two openings of one id the first stands; a confirmation of what is not proposed, and whatever follows a withdrawal,
 * changes nothing, and neither does what is said of an id that was never opened.
 */
export function foldExclusions(entries: readonly LedgerEntry[]): ExclusionBook {
  const exclusions = new Map<string, Exclusion>();
  const unreadable: number[] = [];
  for (const entry of entries) {
    const event = exclusionEventOf(entry);
    if (event) apply(exclusions, event);
    else unreadable.push(entry.sequence);
  }
  return { exclusions, unreadable };
}

function apply(exclusions: Map<string, Exclusion>, event: EnteredExclusionEvent): void {
  if ('statement' in event) {
    const { id } = event.statement;
    if (!exclusions.has(id)) exclusions.set(id, opened(event));
    return;
  }
  const known = exclusions.get(event.id);
  if (!known || known.state === 'withdrawn') return;
  if (event.event === 'confirmed' && known.state !== 'proposed') return;
  exclusions.set(event.id, {
    ...known,
    state: event.event === 'confirmed' ? 'in-force' : 'withdrawn',
    history: [...known.history, stepOf(event, event.author, event.reason)],
  });
}

type Opening = Extract<EnteredExclusionEvent, { statement: ExclusionStatement }>;

function opened(event: Opening): Exclusion {
  const { event: kind, statement, source, enteredAtMs } = event;
  return {
    ...ofStatement(statement, enteredAtMs),
    state: kind === 'declared' ? 'in-force' : 'proposed',
    source,
    history: [stepOf(event, statement.author, null)],
  };
}

function stepOf(
  { event, enteredAtMs }: EnteredExclusionEvent,
  author: string,
  reason: string | null,
): ExclusionStep {
  return { event, atMs: enteredAtMs, author, reason };
}

function ofStatement(
  statement: ExclusionStatement,
  enteredAtMs: number | null,
): Omit<Exclusion, 'state' | 'source' | 'history'> {
  const { id, kind, rows, checks, scopes, reason, author, evidence } = statement;
  const spans = spansOf(statement);
  return {
    id,
    kind,
    ...(rows && { rows }),
    ...(checks && { checks }),
    ...(scopes && { scopes }),
    reason,
    author,
    ...(evidence !== undefined && { evidence }),
    spans,
    enteredAtMs,
    afterTheFact: timing(spans, enteredAtMs),
  };
}

function timing(spans: readonly Span[], enteredAtMs: number | null): AfterTheFact {
  if (enteredAtMs === null) return 'unknown';
  if (enteredAtMs < Math.min(...spans.map(({ from }) => from))) return 'before';
  return enteredAtMs < Math.max(...spans.map(({ to }) => to)) ? 'begun' : 'ended';
}

/** The exclusions of a configuration, which are in force for as long as they stand there. */
export function configuredExclusions(declared: readonly DeclaredExclusion[]): readonly Exclusion[] {
  return [...Map.groupBy(declared, ({ id }) => id).values()].flatMap((occurrences) => {
    const [first] = occurrences;
    if (!first) return [];
    const { fromMs: _, toMs: __, enteredAtMs = null, ...said } = first;
    const spans = occurrences.map(({ fromMs, toMs }) => ({ from: fromMs, to: toMs }));
    const afterTheFact = timing(spans, enteredAtMs);
    const fixed = { state: 'in-force', source: 'configuration', history: [] } as const;
    return [{ ...said, ...fixed, spans, enteredAtMs, afterTheFact }];
  });
}

/** What the judge is to judge by: a span for each occurrence of what is in force. */
export function inForce(exclusions: Iterable<Exclusion>): readonly DeclaredExclusion[] {
  return [...exclusions]
    .filter(({ state }) => state === 'in-force')
    .flatMap((one) => declaredOver(one.spans, one));
}
