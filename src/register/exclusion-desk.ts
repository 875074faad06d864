import type { ExclusionStatement } from '../contract/exclusion-schema.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Ledger } from '../window/ledger.ts';
import { auditEntry, type AuditedAct, type Writer } from './audit.ts';
import { type ExclusionEvent, exclusionEntry } from './exclusion-event.ts';
import { configuredExclusions, type Exclusion, foldExclusions } from './exclusions.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';

/** Why something could not be entered; a closed set. */
export type DeskRefusal = 'unknown' | 'taken' | 'not-possible';

/** What came of a wish: the exclusion as it stands now, or why nothing was written. */
export type DeskAnswer =
  | {
      readonly ok: true;
      readonly exclusion: Exclusion;
      /** Nothing new was said. */ readonly wasThere: boolean;
    }
  | { readonly ok: false; readonly refusal: DeskRefusal; readonly detail: string };

/** What the desk works with. */
export interface ExclusionDeskOptions {
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  /** A word that nobody else says; names a line of the audit. */
  readonly nonce: () => string;
  /** Those of the configuration, whose ids are taken. */
  readonly configured: () => readonly DeclaredExclusion[];
}

/** A statement with the data that it was read from. */
export interface GivenExclusion {
  readonly statement: ExclusionStatement;
  readonly exclusion: unknown;
}

/**
 * Where exclusions are entered. Whatever is written is durable when the answer is there, and stands in the audit; two
 * desks may work on one ledger. Rejects when the ledger is broken.
 */
export class ExclusionDesk {
  readonly #options: ExclusionDeskOptions;

  constructor(options: ExclusionDeskOptions) {
    this.#options = options;
  }

  /** All there are, those of the configuration first. */
  async list(): Promise<readonly Exclusion[]> {
    const configured = configuredExclusions(this.#options.configured());
    return [...configured, ...(await this.#book()).values()];
  }

  /** A person declares it: it is in force at once. */
  declare(given: GivenExclusion, by: Writer): Promise<DeskAnswer> {
    return this.#open({ event: 'declared', ...given, source: 'person' }, by);
  }

  /** Something else proposes it: a person has yet to confirm it. */
  propose(given: GivenExclusion, source: string, by: Writer): Promise<DeskAnswer> {
    return this.#open({ event: 'proposed', ...given, source }, by);
  }

  /** Puts a proposal in force. */
  confirm(id: string, reason: string, by: Writer): Promise<DeskAnswer> {
    return this.#decide({ event: 'confirmed', id, author: by.author, reason }, by);
  }

  /** Takes it out of force for good; it stays on record. */
  withdraw(id: string, reason: string, by: Writer): Promise<DeskAnswer> {
    return this.#decide({ event: 'withdrawn', id, author: by.author, reason }, by);
  }

  async #open(event: Extract<ExclusionEvent, { statement: unknown }>, by: Writer): Promise<DeskAnswer> {
    const { id } = event.statement;
    if (this.#isConfigured(id)) return taken(id, 'by the configuration');
    const [isNew] = await this.#write(event);
    const exclusion = (await this.#book()).get(id);
    if (!exclusion) throw new Error(`exclusion ${id} was written and is not there`);
    if (!isNew) {
      const entered = `${exclusion.author} entered on ${atOf(exclusion.history[0]?.atMs)}`;
      return taken(
        id,
        `by what ${entered}${(await this.#saysTheSame(event)) ? ', word for word the same' : ''}`,
      );
    }
    await this.#audit({ what: `exclusion ${event.event}`, about: id, reason: event.statement.reason }, by);
    return { ok: true, exclusion, wasThere: false };
  }

  async #decide(event: Extract<ExclusionEvent, { id: string }>, by: Writer): Promise<DeskAnswer> {
    const { id } = event;
    if (this.#isConfigured(id)) {
      const detail = `exclusion ${id} stands in the configuration: change it there`;
      return { ok: false, refusal: 'not-possible', detail };
    }
    const known = (await this.#book()).get(id);
    if (!known) return { ok: false, refusal: 'unknown', detail: `there is no exclusion ${id}` };
    const trouble = troubleOf(event, known);
    if (trouble !== undefined) return { ok: false, refusal: 'not-possible', detail: trouble };
    const [isNew = false] = await this.#write(event);
    const exclusion = (await this.#book()).get(id) ?? known;
    if (isNew) await this.#audit({ what: `exclusion ${event.event}`, about: id, reason: event.reason }, by);
    return { ok: true, exclusion, wasThere: !isNew };
  }

  #write(event: ExclusionEvent): Promise<readonly boolean[]> {
    return this.#options.ledger.append('exclusions', [exclusionEntry(event, this.#options.nowMs())]);
  }

  /** Whether the opening of this id that is there was said in the very words of this one. */
  async #saysTheSame(event: ExclusionEvent): Promise<boolean> {
    const { key, json } = exclusionEntry(event, 0);
    const known = await this.#options.ledger.entries('exclusions', 0);
    return known.some((entry) => entry.key === key && entry.json === json);
  }

  async #audit(act: AuditedAct, by: Writer): Promise<void> {
    const { ledger, nowMs, nonce } = this.#options;
    await ledger.append('audit', [auditEntry(act, by, nowMs(), nonce())]);
  }

  async #book(): Promise<ReadonlyMap<string, Exclusion>> {
    return foldExclusions(await this.#options.ledger.entries('exclusions', 0)).exclusions;
  }

  #isConfigured(id: string): boolean {
    return this.#options.configured().some((exclusion) => exclusion.id === id);
  }
}

function taken(id: string, by: string): DeskAnswer {
  const detail = `the id ${id} is taken ${by}; expected an id of its own`;
  return { ok: false, refusal: 'taken', detail };
}

/** Why this cannot follow on what was said before; undefined when it can. */
function troubleOf(event: Extract<ExclusionEvent, { id: string }>, known: Exclusion): string | undefined {
  const last = known.history.at(-1);
  if (known.state === 'withdrawn')
    return `exclusion ${known.id} was withdrawn by ${last?.author} on ${atOf(last?.atMs)}: ${last?.reason}`;
  if (event.event === 'confirmed' && known.state === 'in-force')
    return `exclusion ${known.id} is in force since ${atOf(last?.atMs)}: there is nothing to confirm`;
  return undefined;
}

function atOf(ms: number | undefined): string {
  return ms === undefined ? 'at no known time' : instantJson(ms);
}
