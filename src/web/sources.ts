import type { Outcome } from '../core/observation.ts';
import type { Explanation } from '../core/explanation.ts';
import type { verdictsJson } from '../core/verdict-json.ts';
import type { ContractJson } from './contract-source.ts';
import type { HealthJson } from './health-source.ts';
import type { LatencySource } from './latency-source.ts';
import type { PageSources } from './pages/page-sources.ts';
import type { PeriodSource } from './period-source.ts';
import type { RecordSource } from './record-source.ts';
import type { RegisterSource } from './register-source.ts';

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
export interface VerdictsJson extends ReturnType<typeof verdictsJson> {
  /** What somebody should know of all of them, one line each for people; none when absent. */
  readonly warnings?: readonly string[];
}

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

/** Whose verdict is to be explained. */
export interface ExplainQuery {
  readonly row: string;
  readonly scope?: string;
  readonly reading?: string;
  /** `2026-03`, `2026` or the name of a part; the current period when absent. */
  readonly period?: string;
}

/** How verdicts came about, or why that cannot be told. */
export type ExplainAnswer =
  | { readonly ok: true; readonly explanations: readonly Explanation[] }
  | { readonly ok: false; readonly detail: string };

/** What the provider has published of its own state. Instants are RFC 3339, null where they are not told. */
export interface StatusEntryJson {
  readonly id: string;
  readonly title: string;
  readonly kind: 'incident' | 'maintenance' | 'post';
  /** As the provider words it. */
  readonly status: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly updated: string | null;
  /** http or https. */
  readonly link: string | null;
  readonly components: readonly string[];
}

/** The provider's status feed as it was last read; no verdict is made of it. */
export interface StatusFeedJson {
  readonly url: string;
  readonly everyMs: number;
  readonly title: string | null;
  /** The state of all in the provider's words; null where the feed has none. */
  readonly indicator: string | null;
  /** When `entries` were read; null before the first time. */
  readonly readAt: string | null;
  /** Why the last reading failed; null when it did not. */
  readonly trouble: string | null;
  readonly entries: readonly StatusEntryJson[];
}

/** What the server shows. What gives no promise is called at each request and returns at once. */
export interface Sources {
  readonly metrics: MetricsSource;
  /** Why vigie is not ready, one line each for people; empty when it is. */
  notReady(): readonly string[];
  verdicts(): VerdictsJson;
  checks(): readonly CheckStatus[];
  /** Reads the windows: may take a while. Rejects when the store is broken. */
  explain(query: ExplainQuery): Promise<ExplainAnswer>;
  /** Verdicts of the period of that name, which may be over; undefined when the name is none of a period. */
  readonly verdictsOf?: (period: string) => Promise<VerdictsJson | undefined>;
  /** What is promised. */
  readonly contract?: () => ContractJson;
  /** How vigie itself stands. */
  readonly health?: () => HealthJson;
  /** What was recorded. */
  readonly record?: RecordSource;
  /** Latency percentiles over time. */
  readonly latencies?: LatencySource;
  /** Only where periods are closed. */
  readonly periods?: PeriodSource;
  /** Changes whenever there are new verdicts: until it does, and for a second at the most, answers are made once. */
  readonly revision?: () => unknown;
  /** The provider's own words; null, or not there, where no feed is configured. */
  statusFeed?(): StatusFeedJson | null;
  /** Only where there are faults to set. */
  readonly faults?: FaultControl;
  /** What the pages for people show besides; there are none without it. */
  readonly pages?: PageSources;
  /** Only where there is a register. */
  readonly register?: RegisterSource;
  /** Told of an exception in a route: a bug of ours, answered with a bare 500. */
  onError(error: Error): void;
}
