import type { Outcome } from '../core/observation.ts';
import type { verdictsJson } from '../core/verdict-json.ts';

/** Rendered metrics, or a word for why there are none just now. */
export type MetricsAnswer =
  | {
      readonly exposition: {
        readonly contentType: string;
        readonly contentEncoding?: string;
        readonly body: Uint8Array<ArrayBuffer>;
      };
    }
  | { readonly trouble: string };

/** What `GET /metrics` shows, in the format that the headers ask for. Never rejects. */
export interface MetricsSource {
  render(accept?: string, acceptEncoding?: string): Promise<MetricsAnswer>;
}

/** The last verdicts in the shape of interfaces.md. */
export type VerdictsJson = ReturnType<typeof verdictsJson>;

/** What one vantage last saw of one check. Instants are RFC 3339. */
export interface CheckStatus {
  readonly check: string;
  readonly vantage: string;
  readonly probe: string;
  readonly row: string;
  readonly scope: string;
  /** When its last slot began; null before the first. */
  readonly slot: string | null;
  readonly outcome: Outcome | 'absent' | null;
  /** Why it was not good, or why it was not seen. */
  readonly cause: string | null;
  /** One line for people; never a secret. */
  readonly detail: string | null;
  readonly latencyMs: number | null;
}

/** What came of a request to set a fault: the state now, or why not. */
export type FaultAnswer =
  { readonly ok: true; readonly state: unknown } | { readonly ok: false; readonly detail: string };

/** The fire drill of a region in a box. Bodies are as the app defines them; it decodes what it is given. */
export interface FaultControl {
  /** The faults that there are and whether each is on; ready for JSON. */
  state(): unknown;
  set(request: unknown): FaultAnswer;
}

/** What the server shows. All are called at each request and return at once. */
export interface Sources {
  readonly metrics: MetricsSource;
  /** Why vigie is not ready, one line each for people; empty when it is. */
  notReady(): readonly string[];
  verdicts(): VerdictsJson;
  checks(): readonly CheckStatus[];
  /** Only where there are faults to set. */
  readonly faults?: FaultControl;
  /** Told of an exception in a route: a bug of ours, answered with a bare 500. */
  onError(error: Error): void;
}
