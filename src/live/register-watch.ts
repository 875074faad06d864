import type { Logger } from 'pino';
import type { StatusEntry } from '../../probes/wire/status-feed.ts';
import type { Config } from '../config/config.ts';
import type { CancelTimer, Clock } from '../core/clock.ts';
import type { Check } from '../core/check.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { Reading } from '../core/reading.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import { announcedProposals, proposalsOf } from './maintenance-proposals.ts';
import type { Writer } from '../register/audit.ts';
import { ExclusionDesk, type GivenExclusion } from '../register/exclusion-desk.ts';
import {
  configuredExclusions,
  type Exclusion,
  EXCLUSION_STATES,
  type ExclusionState,
  foldExclusions,
  inForce,
} from '../register/exclusions.ts';
import { countedNow, missingHolidays, TicketBook } from '../casework/ticket-book.ts';
import type { TicketLink } from '../register/ticket-entry.ts';
import { TicketDesk } from '../casework/ticket-desk.ts';
import { type SupportFigures, supportFigures } from '../casework/ticket-figures.ts';
import { troubleText } from '../replay/tickets.ts';
import type { Ledger, LedgerEntry } from '../window/ledger.ts';

/** Nearly every reading plans nothing. */
const NOTHING_TO_DO = Promise.resolve();

/** How often the books are looked into. */
const LOOK_EVERY_MS = 1_000;
const DAEMON: Writer = { author: 'vigie', from: 'daemon' };

/** How many exclusions there are of each state. */
export type ExclusionCounts = readonly { readonly state: ExclusionState; readonly count: number }[];

/** What the watch works with and whom it tells. */
export interface RegisterWatchOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly log: Logger;
  /** A word that nobody else says. */
  readonly nonce: () => string;
  /** What is in force has changed, the configuration's among it. Must not throw. */
  readonly onExclusions: (exclusions: readonly DeclaredExclusion[], counts: ExclusionCounts) => void;
  /** Every look: how support clocks stand. Must not throw. */
  readonly onTickets: (figures: SupportFigures) => void;
}

/**
 * Follows the books while vigie runs: what people enter, here or from the command line, counts from the next look on, a
 * second later at the most.
 */
export class RegisterWatch {
  readonly exclusionDesk: ExclusionDesk;
  readonly ticketDesk: TicketDesk;
  readonly #options: RegisterWatchOptions;
  readonly #book: TicketBook;
  readonly #entries: LedgerEntry[] = [];
  readonly #proposed = new Set<string>();
  #config: Config;
  #known: readonly Exclusion[] = [];
  #declared: readonly DeclaredExclusion[] = [];
  #trouble: string | undefined;
  #tickets: readonly TicketVerdict[] = [];
  #cancel: CancelTimer = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: RegisterWatchOptions, config: Config) {
    const { clock, ledger, nonce } = options;
    this.#options = options;
    this.#config = config;
    this.#book = new TicketBook(config);
    const nowMs = (): number => clock.wallMs();
    this.exclusionDesk = new ExclusionDesk({
      ledger,
      nowMs,
      nonce,
      configured: () => this.#config.exclusions,
    });
    this.ticketDesk = new TicketDesk({ ledger, book: this.#book, nowMs, nonce });
  }

  /** Reads the books, and begins. Books that cannot be read now are looked into again every second. */
  async start(): Promise<void> {
    this.#tellExclusions();
    await this.look();
    this.#warnOfHolidays();
    this.#arm();
  }

  /** Goes on with another configuration. */
  reconfigure(config: Config): void {
    this.#config = config;
    this.#book.judgeBy(config);
    this.#tellExclusions();
    this.#warnOfHolidays();
  }

  /** All exclusions, those of the configuration first. */
  get exclusions(): readonly Exclusion[] {
    return [...configuredExclusions(this.#config.exclusions), ...this.#known];
  }

  /** What the judge is to judge by. */
  get declared(): readonly DeclaredExclusion[] {
    return this.#declared;
  }

  /** How all tickets stood at the last look, by id. */
  get tickets(): readonly TicketVerdict[] {
    return this.#tickets;
  }

  /** What all tickets are linked to, as of the last look. */
  get links(): readonly TicketLink[] {
    return this.#tickets.flatMap(({ ticket }) => this.ticketLinks(ticket));
  }

  ticketLinks(id: string) {
    return this.#book.ticket(id)?.links ?? [];
  }

  /** Looks into the books now, and not only at the next second. Never rejects: trouble is logged once until it is over. */
  async look(): Promise<void> {
    const { log } = this.#options;
    try {
      if (await this.#readExclusions()) this.#tellExclusions();
      await this.#lookAtTickets();
      if (this.#trouble !== undefined) log.info('the ledger can be read again');
      this.#trouble = undefined;
    } catch (error) {
      if (this.#trouble === undefined)
        log.error({ err: error }, 'the ledger cannot be read now; it is tried again every second');
      this.#trouble = String(error);
    }
  }

  /** Proposes what a reading tells of planned interventions. Never rejects. */
  heard(check: Check, reading: Reading | undefined): Promise<void> {
    const proposals = proposalsOf(check, reading);
    if (proposals.length === 0) return NOTHING_TO_DO;
    return this.#proposeAll(proposals, `check ${check.id}: MaintenanceEvents`);
  }

  /** Proposes the maintenance that the provider's status feed announces. Never rejects. */
  async announced(entries: readonly StatusEntry[]): Promise<void> {
    await this.#proposeAll(announcedProposals(entries), 'status feed');
  }

  /** Each once in the life of the process, and by its id once in the ledger. */
  async #proposeAll(proposals: readonly GivenExclusion[], source: string): Promise<void> {
    for (const given of proposals) {
      const { id } = given.statement;
      if (this.#proposed.has(id)) continue;
      this.#proposed.add(id);
      try {
        await this.#propose(given, source);
      } catch (error) {
        this.#proposed.delete(id);
        this.#options.log.error({ err: error, exclusion: id }, 'a proposal could not be written');
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#underWay;
  }

  async #propose(given: GivenExclusion, source: string): Promise<void> {
    const answer = await this.exclusionDesk.propose(given, source, DAEMON);
    if (!answer.ok) return;
    const { id, reason } = answer.exclusion;
    this.#options.log.warn(
      { exclusion: id, source, reason },
      'maintenance was announced: confirm or withdraw it',
    );
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(LOOK_EVERY_MS, () => {
      this.#underWay = this.look().then(() => this.#arm());
    });
  }

  get #lastSequence(): number {
    return this.#entries.at(-1)?.sequence ?? 0;
  }

  /** Whether there was anything new. */
  async #readExclusions(): Promise<boolean> {
    const { ledger, log } = this.#options;
    const read = await ledger.entries('exclusions', this.#lastSequence);
    // Two looks at once are given the same lines.
    const news = read.filter(({ sequence }) => sequence > this.#lastSequence);
    if (news.length === 0) return false;
    this.#entries.push(...news);
    const { exclusions, unreadable } = foldExclusions(this.#entries);
    this.#known = [...exclusions.values()];
    const newly = unreadable.filter((sequence) => sequence >= (news[0]?.sequence ?? 0));
    if (newly.length > 0)
      log.error({ lines: newly }, 'exclusions that this version does not understand count for nothing');
    return true;
  }

  #tellExclusions(): void {
    const { exclusions } = this;
    const counts = EXCLUSION_STATES.map((state) => ({
      state,
      count: exclusions.filter((exclusion) => exclusion.state === state).length,
    }));
    this.#declared = [...this.#config.exclusions, ...inForce(this.#known)];
    this.#options.onExclusions(this.#declared, counts);
    this.#options.log.info(
      Object.fromEntries(counts.map(({ state, count }) => [state, count])),
      'exclusions',
    );
  }

  #warnOfHolidays(): void {
    const { clock, log } = this.#options;
    const counted = countedNow(this.#tickets, clock.wallMs());
    for (const missing of missingHolidays(this.#config, counted)) log.warn(missing);
  }

  async #lookAtTickets(): Promise<void> {
    const { clock, log, onTickets } = this.#options;
    await this.ticketDesk.catchUp();
    this.#tickets = this.#book.verdicts(clock.wallMs());
    for (const trouble of this.#book.takeIgnored()) log.warn(`ignored: ${troubleText(trouble)}`);
    onTickets(supportFigures(this.#tickets));
  }
}
