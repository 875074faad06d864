import { holidaysMissing } from '../contract/holidays.ts';
import { contractAt, type ContractHistory, versionsOf } from '../contract/rule-history.ts';
import { type PromisesAt, supportHistory } from '../contract/support-promise.ts';
import type { TicketEvent, TicketVerdict } from '../core/ticket.ts';
import { judgeHistory } from '../judge/support-clock.ts';
import { type TicketHistory, ticketHistory, type TicketTrouble } from '../judge/ticket-history.ts';
import { type ReadTicketLine, readTicketLine, type TicketLink } from '../register/ticket-entry.ts';
import type { LedgerEntry } from '../window/ledger.ts';

/** An instant that a clock counts at, of a ticket that was opened at another. */
export interface CountedInstant {
  readonly openedMs: number;
  readonly atMs: number;
}

/** What the lists of holidays that clocks count by lack for the years that they count in; in words, each once. */
export function missingHolidays(
  contracts: ContractHistory,
  counted: readonly CountedInstant[],
): readonly string[] {
  const versions = versionsOf(contracts);
  const texts = counted.flatMap(({ openedMs, atMs }) => {
    const { support, version } = contractAt(versions, openedMs);
    if (!support) return [];
    const { zone, holidays } = support.calendar;
    const { year } = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
    const missing = holidaysMissing(holidays, year);
    const of = version === contracts.contract.version ? '' : ` of version ${version}`;
    return missing === undefined ? [] : [`support.calendar.holidays${of} ${missing}`];
  });
  return [...new Set(texts)];
}

/** The instants that the clocks which go on at `nowMs` count at, and one of a ticket that may be opened then. */
export function countedNow(tickets: readonly TicketVerdict[], nowMs: number): readonly CountedInstant[] {
  const open = tickets.filter(({ resolvedMs }) => resolvedMs === null);
  return [{ openedMs: nowMs }, ...open].map(({ openedMs }) => ({ openedMs, atMs: nowMs }));
}

/** What is known of one ticket. */
export interface BookedTicket {
  readonly events: readonly TicketEvent[];
  readonly links: readonly TicketLink[];
}

interface Booked {
  readonly events: TicketEvent[];
  readonly links: TicketLink[];
  /** Of the events that have happened by `untilMs`; undefined while it is to be made anew, null when there is none. */
  history: TicketHistory | null | undefined;
  /** The first event that is still to come. */
  untilMs: number;
  /** Once it is resolved: it stays, until something new is said. */
  final: TicketVerdict | undefined;
}

/**
 * The tickets of a ledger, and how their clocks stand, each by the contract that held when it was opened; time only ever
 * goes on. Costs a look at each open ticket: what was made of its events is kept, and so is the verdict on one that is
 * resolved.
 */
export class TicketBook {
  readonly #tickets = new Map<string, Booked>();
  readonly #ignored: TicketTrouble[] = [];
  #promisesAt: PromisesAt;
  #contracts: ContractHistory;
  #sequence = 0;
  #unreadable = 0;

  constructor(contracts: ContractHistory) {
    this.#contracts = contracts;
    this.#promisesAt = supportHistory(contracts).at;
  }

  /** The sequence number of the last line that was taken in. */
  get sequence(): number {
    return this.#sequence;
  }

  /** How many lines this version did not understand. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Judges each ticket by that of these contracts which held when it was opened, from now on. */
  judgeBy(contracts: ContractHistory): void {
    if (contracts === this.#contracts) return;
    this.#contracts = contracts;
    this.#promisesAt = supportHistory(contracts).at;
    for (const booked of this.#tickets.values()) booked.final = undefined;
  }

  /** Takes in further lines of the ledger. */
  take(entries: readonly LedgerEntry[]): void {
    this.takeRead(entries.filter(({ sequence }) => sequence > this.#sequence).map(readTicketLine));
  }

  /** Takes in further lines that were read before. */
  takeRead(lines: readonly ReadTicketLine[]): void {
    for (const { sequence, line } of lines) {
      // Two who read at once are given the same lines.
      if (sequence <= this.#sequence) continue;
      this.#sequence = sequence;
      if (!line) {
        this.#unreadable++;
        continue;
      }
      const booked = this.#tickets.get(line.ticket) ?? unbooked();
      this.#tickets.set(line.ticket, booked);
      if (line.event === 'linked') booked.links.push(line);
      else booked.events.push(line);
      booked.history = undefined;
      booked.final = undefined;
    }
  }

  ticket(id: string): BookedTicket | undefined {
    return this.#tickets.get(id);
  }

  /** How every ticket stands that was opened before `nowMs`, by id. */
  verdicts(nowMs: number): readonly TicketVerdict[] {
    const verdicts: TicketVerdict[] = [];
    for (const booked of this.#tickets.values()) {
      const verdict = this.#verdictOn(booked, nowMs);
      if (verdict) verdicts.push(verdict);
    }
    return verdicts;
  }

  /** Events that were ignored since the last call: two writers at once said what cannot both be. */
  takeIgnored(): readonly TicketTrouble[] {
    return this.#ignored.splice(0);
  }

  #verdictOn(booked: Booked, nowMs: number): TicketVerdict | undefined {
    if (booked.final) return booked.final;
    if (booked.history === undefined || booked.untilMs < nowMs) this.#retell(booked, nowMs);
    if (!booked.history) return undefined;
    const verdict = judgeHistory(booked.history, this.#promisesAt, nowMs);
    if (booked.history.resolvedMs !== null && booked.untilMs === Infinity) booked.final = verdict;
    return verdict;
  }

  #retell(booked: Booked, nowMs: number): void {
    const past = booked.events.filter(({ atMs }) => atMs < nowMs);
    const future = booked.events.filter(({ atMs }) => atMs >= nowMs);
    booked.untilMs = Math.min(Infinity, ...future.map(({ atMs }) => atMs));
    const { history, ignored } = tolerantHistory(past);
    booked.history = history;
    this.#ignored.push(...ignored);
  }
}

function unbooked(): Booked {
  return { events: [], links: [], history: undefined, untilMs: Infinity, final: undefined };
}

/** The history of a ticket without the events that cannot have happened; null when no opening is left. */
function tolerantHistory(given: readonly TicketEvent[]): {
  readonly history: TicketHistory | null;
  readonly ignored: readonly TicketTrouble[];
} {
  const ignored: TicketTrouble[] = [];
  let events = given;
  while (events.length > 0) {
    const history = ticketHistory(events);
    if (!('trouble' in history)) return { history, ignored };
    if (history.trouble === 'never-opened') break;
    ignored.push(history);
    events = events.filter((event) => event !== history.event);
  }
  return { history: null, ignored };
}
