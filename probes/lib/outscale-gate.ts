import { createHash } from 'node:crypto';
import type { Blind } from '../../src/core/cause.ts';
import type { SigningKey } from '../wire/signature-v4.ts';

/** Refused signatures in a row after which a key is not used any more: the provider locks the access at four. */
export const MOST_REFUSED = 3;

/** What became of a signature. `unknown`: no answer, or one that does not tell. */
export type SignatureFate =
  | { readonly kind: 'accepted' | 'unknown' }
  | {
      readonly kind: 'refused';
      readonly blind: Blind;
      /** The refusal in the provider's words, for people. */
      readonly told: string;
    };

/** Whether one more request may be signed. */
export type GateAnswer =
  /** It may; `settle` is to be called once, with what became of it. */
  | { readonly kind: 'open'; readonly settle: (fate: SignatureFate) => void }
  /** Not now: as many are on their way as may be refused, and none was accepted yet. */
  | { readonly kind: 'busy' }
  /** Never again: the last refusal. */
  | { readonly kind: 'stopped'; readonly blind: Blind; readonly told: string };

/**
 * Keeps one key from being locked for bad signatures: while it is not known to be good, no more requests are on their
 * way than may still be refused, and after {@link MOST_REFUSED} refusals in a row it signs nothing more.
 */
export class SigningGate {
  #refused = 0;
  #onTheirWay = 0;
  #proven = false;
  #stopped: Extract<GateAnswer, { kind: 'stopped' }> | undefined;

  /** Asks for one signature. */
  enter(): GateAnswer {
    if (this.#stopped) return this.#stopped;
    if (!this.#proven && this.#onTheirWay >= MOST_REFUSED - this.#refused) return { kind: 'busy' };
    this.#onTheirWay++;
    return { kind: 'open', settle: (fate) => this.#settle(fate) };
  }

  #settle(fate: SignatureFate): void {
    this.#onTheirWay--;
    if (fate.kind === 'unknown') return;
    this.#proven = fate.kind === 'accepted';
    this.#refused = fate.kind === 'accepted' ? 0 : this.#refused + 1;
    if (fate.kind === 'refused' && this.#refused >= MOST_REFUSED) {
      this.#stopped ??= { kind: 'stopped', blind: fate.blind, told: fate.told };
    }
  }
}

/** The gates of all keys of a process. A key with another secret is another key: its refusals are counted anew. */
export class SigningGates {
  readonly #gates = new Map<string, SigningGate>();

  /** The gate of a key, the same for all who use it. */
  of({ accessKey, secretKey }: SigningKey): SigningGate {
    const id = createHash('sha256').update(`${accessKey}\n${secretKey}`).digest('base64');
    const known = this.#gates.get(id);
    if (known) return known;
    const gate = new SigningGate();
    this.#gates.set(id, gate);
    return gate;
  }
}
