import { type Act, amendmentOf } from '../closing/amendment.ts';
import { closingText } from '../closing/closing.ts';
import { timelineFromMs } from '../closing/judged-timeline.ts';
import type { ArchivedClosing, ArchiveReader } from './archive-reader.ts';
import { archivedTimelines, differingChecks } from './archived-timelines.ts';
import { exclusionsIn, ticketsAt } from './closing-material.ts';
import { actsOf } from './said-books.ts';
import { judgedClosing } from './judged-closing.ts';
import { periodNamed } from '../contract/periods.ts';
import type { ClosedExclusion, ClosedPeriod } from '../core/closed-period.ts';
import type { Transition } from '../core/timeline.ts';
import { type Difference, firstDifference } from '../casework/first-difference.ts';
import type { FrozenRules } from '../casework/frozen-judging.ts';
import { configuredIn, frozenRules } from '../casework/frozen-rules.ts';
import { foldExclusions } from '../register/exclusions.ts';
import { type ReadTicketLine, readTicketLine } from '../register/ticket-entry.ts';
import type { LedgerEntry } from '../window/ledger.ts';

/** Why a closing does not follow from the archive; a closed set. */
export type RejudgeFaultCode =
  'closing-unreadable' | 'rules-missing' | 'inputs-differ' | 'exclusions-differ' | 'figures-differ';

/** Where a closing does not follow from what is archived. */
export interface RejudgeFault {
  readonly code: RejudgeFaultCode;
  /** The file of the closing. */
  readonly where: string;
  readonly detail: string;
}

/** What came of judging closings anew. */
export interface Rejudged {
  readonly faults: readonly RejudgeFault[];
  /** Files of closings that follow from the archive, to the byte. */
  readonly proven: readonly string[];
  /** What could not be judged anew, and why that is no fault. */
  readonly notes: readonly { readonly where: string; readonly detail: string }[];
}

type Outcome =
  | { readonly kind: 'proven' }
  | { readonly kind: 'note'; readonly detail: string }
  | { readonly kind: 'fault'; readonly code: RejudgeFaultCode; readonly detail: string };

/** Judges all closings of an archive anew, from its timelines, rules and ledgers. */
export async function rejudge(reader: ArchiveReader, breathe: () => Promise<void>): Promise<Rejudged> {
  const closings = await reader.closings();
  const said = {
    exclusions: await reader.ledger('exclusions'),
    tickets: (await reader.ledger('tickets')).map(readTicketLine),
    acts: actsOf(await reader.ledger('audit')),
  };
  const faults: RejudgeFault[] = [];
  const notes: { where: string; detail: string }[] = [];
  const proven: string[] = [];
  for (const archived of closings) {
    const where = archived.link.file;
    const outcome = await new Rejudging(reader, archived, closings, said, breathe).outcome();
    if (outcome.kind === 'proven') proven.push(where);
    else if (outcome.kind === 'note') notes.push({ where, detail: outcome.detail });
    else faults.push({ code: outcome.code, where, detail: outcome.detail });
  }
  return { faults, notes, proven };
}

interface ArchivedSaid {
  readonly exclusions: readonly LedgerEntry[];
  readonly tickets: readonly ReadTicketLine[];
  readonly acts: readonly Act[];
}

/** One closing, judged anew. */
class Rejudging {
  readonly #reader: ArchiveReader;
  readonly #archived: ArchivedClosing;
  readonly #all: readonly ArchivedClosing[];
  readonly #said: ArchivedSaid;
  readonly #breathe: () => Promise<void>;

  constructor(
    reader: ArchiveReader,
    archived: ArchivedClosing,
    all: readonly ArchivedClosing[],
    said: ArchivedSaid,
    breathe: () => Promise<void>,
  ) {
    this.#reader = reader;
    this.#archived = archived;
    this.#all = all;
    this.#said = said;
    this.#breathe = breathe;
  }

  async outcome(): Promise<Outcome> {
    const { closing, link } = this.#archived;
    if (!closing || closing.period.name !== link.name)
      return {
        kind: 'fault',
        code: 'closing-unreadable',
        detail: 'it is no closing that this version knows',
      };
    const rules = await frozenRules(closing.rules.judged, this.#reader.kept);
    if (!rules) {
      const detail = `the rules that it was judged by are not in the archive (${closing.rules.judged})`;
      return { kind: 'fault', code: 'rules-missing', detail };
    }
    const timelines = await archivedTimelines(this.#reader, closing, link.sequence, this.#breathe);
    const differing = differingChecks(closing, timelines);
    if (differing.length > 0) return this.#unlikeInputs(closing, differing);
    const exclusions = await this.#exclusions(closing);
    const unlike = firstDifference(closing.exclusions, exclusions, 'exclusions');
    if (unlike) return { kind: 'fault', code: 'exclusions-differ', detail: differenceText(unlike) };
    return this.#judged(closing, rules, timelines, exclusions);
  }

  async #judged(
    closing: ClosedPeriod,
    rules: FrozenRules,
    timelines: ReadonlyMap<string, readonly Transition[]>,
    exclusions: readonly ClosedExclusion[],
  ): Promise<Outcome> {
    const named = periodNamed(rules.contract, closing.period.name);
    if (!named) return { kind: 'fault', code: 'closing-unreadable', detail: 'its period has no known name' };
    const atMs = Date.parse(closing.at);
    const { from, to, name, part } = closing.period;
    const again = await judgedClosing({
      ...{ rules, named, timelines, exclusions, atMs },
      period: { name, fromMs: Date.parse(from), toMs: Date.parse(to), ...(part && { part }) },
      number: closing.number,
      madeAtMs: Date.parse(closing.madeAt),
      vigie: closing.vigie,
      tickets: ticketsAt(rules, upTo(this.#said.tickets, closing.ledgers.tickets), atMs),
      ledgers: closing.ledgers,
      breathe: this.#breathe,
    });
    return this.#compared(closing, this.#withAmendment(closing, again));
  }

  #withAmendment(closing: ClosedPeriod, again: ClosedPeriod): ClosedPeriod {
    const before = this.#siblings(closing).find(({ number }) => number === (closing.number ?? 0) - 1);
    if (!closing.amends || !before) return again;
    return { ...again, amends: amendmentOf(before, again, this.#said.acts) };
  }

  #compared(closing: ClosedPeriod, again: ClosedPeriod): Outcome {
    if (closingText(again) === this.#archived.text) return { kind: 'proven' };
    const difference = firstDifference(closing, JSON.parse(closingText(again)));
    const detail = difference
      ? `${memberAt(closing, difference.path)}${differenceText(difference)}`
      : 'its text is not that of its content';
    return { kind: 'fault', code: 'figures-differ', detail };
  }

  /**
   * Those of the ledger as it stood, and those of the configuration: of the original as they stand in the file that is
   * archived, of amendments as they have them, since the file may have changed.
   */
  async #exclusions(closing: ClosedPeriod): Promise<readonly ClosedExclusion[]> {
    const fromMs = timelineFromMs(Date.parse(closing.period.from));
    const atMs = Date.parse(closing.at);
    const book = foldExclusions(upTo(this.#said.exclusions, closing.ledgers.exclusions));
    const entered = exclusionsIn([], book.exclusions.values(), fromMs, atMs);
    const text = await this.#reader.kept.source(closing.rules.configuration);
    const configured =
      closing.number === 0 && text !== undefined
        ? exclusionsIn(configuredIn(text), [], fromMs, atMs)
        : closing.exclusions.filter(({ source }) => source === 'configuration');
    return [...entered, ...configured].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Late data between a closing and the archiving of its days is told by the amendment that follows it. */
  #unlikeInputs(closing: ClosedPeriod, checks: readonly string[]): Outcome {
    const later = this.#siblings(closing).filter(({ number }) => (number ?? 0) > (closing.number ?? 0));
    const told = new Set(
      later.flatMap(({ amends }) =>
        (amends?.changes ?? []).flatMap((change) => (change.what === 'observations' ? change.check : [])),
      ),
    );
    const named = checks.slice(0, 5).join(', ');
    if (checks.every((check) => told.has(check)))
      return {
        kind: 'note',
        detail: `observations of ${named} came before its days were archived: an amendment says so`,
      };
    const first = this.#reader.daysAsOf(Infinity)[0]?.name;
    if (first !== undefined && closing.seenFrom !== null && Date.parse(closing.seenFrom) < Date.parse(first))
      return {
        kind: 'note',
        detail: `the archive begins on ${first}, when some of it had been seen already: not judged anew`,
      };
    const detail = `it was judged from other observations of ${named} than are archived`;
    return { kind: 'fault', code: 'inputs-differ', detail };
  }

  #siblings({ period }: ClosedPeriod): readonly ClosedPeriod[] {
    return this.#all.flatMap(({ closing }) => (closing?.period.name === period.name ? [closing] : []));
  }
}

function upTo<T extends Pick<LedgerEntry, 'sequence'>>(lines: readonly T[], sequence: number): readonly T[] {
  return lines.filter((line) => line.sequence <= sequence);
}

/** Which row member a path into a closing is about, for people. */
function memberAt(closing: ClosedPeriod, path: string): string {
  const [, list, index] = /^(verdicts|explanations)\[(\d+)\]/.exec(path) ?? [];
  const verdict = list === undefined ? undefined : closing.verdicts[Number(index)];
  return verdict ? `${verdict.row} of ${verdict.scope}, read as by ${verdict.reading}: ` : '';
}

function differenceText({ path, was, is }: Difference): string {
  return `${path} is ${was}; judged anew, ${is}`;
}
