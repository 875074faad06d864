import { sleep } from '../core/clock.ts';
import type { Clock } from '../core/clock.ts';
import type { Reading } from '../core/reading.ts';
import { cameOverNetwork, decideEgress, EGRESS_FRESH_MS } from './egress-verdict.ts';
import type { EgressEvidence, EgressVerdict, FailedAttempt } from './egress-verdict.ts';
import type { AskReference, Reference, ReferenceAnswer } from './reference.ts';

/** How long one round of asking may take, all references together. */
export const EGRESS_DEADLINE_MS = 2_000;

/** Connections to references that are open at the same time, at the most. */
export const EGRESS_CONNECTIONS = 4;

/** What the guard works with. */
export interface EgressGuardOptions {
  readonly clock: Clock;
  /** Hosts that are not the provider's, as this vantage is to ask them. Without any, nothing is ever excused. */
  readonly references: readonly Reference[];
  readonly ask: AskReference;
  /** Aborted at shutdown: all asking ends at once. */
  readonly signal: AbortSignal;
}

/**
 * Tells an outage of the provider from one of our own network. When no check of this process hears anything, the
 * references are asked, and if they are silent too, the failures of that moment are ours.
 *
 * A reference's silence counts only once it has answered this process ({@link EgressGuard.prove}), and is then asked
 * at the address that answered: otherwise a mistyped reference, one behind a firewall, or one whose name is served by
 * the very resolver that is down would excuse every outage of the provider.
 */
export class EgressGuard {
  readonly #options: EgressGuardOptions;
  readonly #provenAddress = new Map<Reference, string>();
  #evidence: EgressEvidence = { lastHeardMs: undefined, lastSilence: undefined };
  #lastAskedMs = Number.NEGATIVE_INFINITY;
  #round: Promise<void> | undefined;

  constructor(options: EgressGuardOptions) {
    this.#options = options;
  }

  /**
   * To be told of every reading of a check that looks beyond this machine, as it arrives. Whatever came over the
   * network, a wrong answer included, shows that there is one, and spares the references.
   */
  heard(reading: Reading): void {
    if (cameOverNetwork(reading)) this.#hear();
  }

  /**
   * Asks every reference by its configured name: those that answer may testify from now on, and if any did, the
   * others no longer may. To be called at the start and now and then (hourly), so that a reference that moved is found
   * again. Returns those that did not answer, for a warning. Never rejects.
   */
  async prove(): Promise<readonly Reference[]> {
    const { references, signal } = this.#options;
    const answers = await this.#askAll(signal, (reference) => reference.host);
    if (![...answers.values()].some(isAlive)) return references;
    this.#provenAddress.clear();
    this.#learn(answers);
    return references.filter((reference) => !this.#provenAddress.has(reference));
  }

  /**
   * Whose fault a failure is; to be asked right after it. Resolves at once while something is being heard, else within
   * {@link EGRESS_FRESH_MS} + {@link EGRESS_DEADLINE_MS}; all failures of a moment share one round of asking. Never
   * rejects; `unknown` at shutdown.
   */
  async judge(failure: FailedAttempt): Promise<EgressVerdict> {
    const known = decideEgress(failure, this.#evidence);
    if (known !== 'ask') return known;
    if (this.#options.references.length === 0) return 'unknown';
    this.#round ??= this.#runRound().finally(() => {
      this.#round = undefined;
    });
    await this.#round;
    const decided = decideEgress(failure, this.#evidence);
    return decided === 'ask' ? 'unknown' : decided;
  }

  #hear(): void {
    this.#evidence = { ...this.#evidence, lastHeardMs: this.#options.clock.monotonicMs() };
  }

  #heardSince(instantMs: number): boolean {
    return (this.#evidence.lastHeardMs ?? Number.NEGATIVE_INFINITY) >= instantMs;
  }

  async #runRound(): Promise<void> {
    const { clock, signal } = this.#options;
    const turnInMs = this.#lastAskedMs + EGRESS_FRESH_MS - clock.monotonicMs();
    if (turnInMs > 0) await sleep(clock, turnInMs, signal);
    const askedMs = clock.monotonicMs();
    if (signal.aborted || this.#heardSince(askedMs - EGRESS_FRESH_MS)) return;
    const enough = new AbortController();
    const answers = await this.#askAll(
      AbortSignal.any([signal, enough.signal]),
      (reference) => this.#provenAddress.get(reference) ?? reference.host,
      (answer) => {
        if (isAlive(answer)) enough.abort();
      },
    );
    if (!signal.aborted) this.#conclude(askedMs, answers);
  }

  #learn(answers: ReadonlyMap<Reference, ReferenceAnswer>): void {
    for (const [reference, answer] of answers) {
      if (!isAlive(answer)) continue;
      this.#provenAddress.set(reference, answer.address);
      this.#hear();
    }
  }

  #conclude(askedMs: number, answers: ReadonlyMap<Reference, ReferenceAnswer>): void {
    this.#learn(answers);
    if (this.#heardSince(askedMs)) return;
    const testified = [...answers].some(
      ([reference, answer]) => answer.kind === 'silent' && this.#provenAddress.has(reference),
    );
    if (!testified) return;
    this.#evidence = {
      ...this.#evidence,
      lastSilence: { askedMs, endedMs: this.#options.clock.monotonicMs() },
    };
  }

  /** Asks all references, few at a time, until the deadline; those it did not come to are not in the answers. */
  async #askAll(
    stop: AbortSignal,
    hostOf: (reference: Reference) => string,
    onAnswer: (answer: ReferenceAnswer) => void = () => undefined,
  ): Promise<ReadonlyMap<Reference, ReferenceAnswer>> {
    const { clock, references, ask } = this.#options;
    this.#lastAskedMs = clock.monotonicMs();
    const deadline = new AbortController();
    const cancelDeadline = clock.after(EGRESS_DEADLINE_MS, () => deadline.abort());
    const signal = AbortSignal.any([stop, deadline.signal]);
    const answers = new Map<Reference, ReferenceAnswer>();
    const queue = references.values();
    const askInTurn = async (): Promise<void> => {
      for (const reference of queue) {
        if (signal.aborted) return;
        const answer = await ask({ host: hostOf(reference), port: reference.port }, signal);
        answers.set(reference, answer);
        onAnswer(answer);
      }
    };
    await Promise.all(Array.from({ length: EGRESS_CONNECTIONS }, askInTurn));
    cancelDeadline();
    return answers;
  }
}

function isAlive(answer: ReferenceAnswer): answer is Extract<ReferenceAnswer, { kind: 'alive' }> {
  return answer.kind === 'alive';
}
