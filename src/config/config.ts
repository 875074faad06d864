import type { BucketSettings } from '../../probes/lib/s3-settings.ts';
import type { Contract } from '../contract/schema.ts';
import type { Check, RowComposition } from '../core/check.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { ProbeKind } from '../core/probe.ts';
import type { Secret } from '../core/secret.ts';
import type { AccessSettings } from './access.ts';
import type { AlertingSettings } from './alerting.ts';
import type { WebSettings } from './web.ts';

/** A host that is not the provider's; when it is gone as well, the fault is our own network. */
export interface EgressReference {
  readonly host: string;
  readonly port: number;
  readonly vantages: readonly string[];
}

/** A status feed of the provider: what it publishes of its own state. */
export interface StatusFeedSource {
  /** http or https, without user and password. */
  readonly url: string;
  readonly format: 'auto' | 'json' | 'rss' | 'atom';
  readonly everyMs: number;
}

/** How the shared windows are reached, beside their URL. */
export interface WindowAccess {
  /** What the names of all keys begin with. */
  readonly prefix?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly sentinelPassword?: Secret | undefined;
  /** PEM of the authorities to believe. */
  readonly ca?: Secret | undefined;
}

/** Where the archive of evidence is kept. */
export type ArchivePlace =
  | { readonly directory: string }
  /** In a bucket, under a prefix, which ends in `/` unless it is empty. */
  | { readonly bucket: BucketSettings; readonly prefix: string };

/** How evidence is kept, and when periods are closed. */
export interface EvidenceSettings {
  /** How long after its end a period, or a day, is waited for: late data is still taken in. */
  readonly graceMs: number;
  /** Not there: nothing is archived, and closings are kept in the ledger alone. */
  readonly archive?: ArchivePlace;
  /** PEM of the Ed25519 key that closings are signed with. */
  readonly key?: Secret;
}

/** The texts that a configuration was read from, as they stood in the files, but for password hashes. */
export interface ConfigSources {
  readonly configuration: string;
  /** The contract, then those that it replaced, the latest first. */
  readonly contracts: readonly string[];
}

/** A configuration that was read, checked and completed: paths absolute, references followed, defaults filled in. */
export interface Config {
  /** The file it came from. */
  readonly path: string;
  /** Not there where it was put together otherwise than from files: then no period can be closed. */
  readonly sources?: ConfigSources;
  readonly contract: Contract;
  /** The contracts that it replaced, the latest first; none when absent. */
  readonly formerContracts?: readonly Contract[];
  readonly region: string;
  /** Where the client's own systems run; undefined when the file does not say. */
  readonly subregions: readonly string[] | undefined;
  /** All subregions of the region, by the file or else by the contract; undefined when neither says. */
  readonly regionSubregions: readonly string[] | undefined;
  readonly vantages: readonly string[];
  /** Those whose checks are divided among the processes that look from them; none when absent. */
  readonly shardedVantages?: readonly string[];
  /**
   * Redis URL of the shared windows; undefined means the embedded store in `dataDir`. May hold a password that came
   * by reference: never to be logged.
   */
  readonly windowUrl: string | undefined;
  /** What the URL does not say. */
  readonly windowAccess?: WindowAccess;
  readonly dataDir: string;
  /** Who may do what over HTTP; anyone may read and nobody write when absent. */
  readonly access?: AccessSettings;
  /** How connections are protected; plain HTTP and no passwords when absent. */
  readonly web?: WebSettings;
  /** The file whose ticket events are taken in. */
  readonly ticketsFile?: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly checks: readonly Check[];
  readonly compositions: readonly RowComposition[];
  readonly exclusions: readonly DeclaredExclusion[];
  readonly references: readonly EgressReference[];
  /** Shown beside what is measured; no feed when absent. */
  readonly statusFeed?: StatusFeedSource;
  /** As by default when absent: two hours of grace, no archive. */
  readonly evidence?: EvidenceSettings;
  /** Whether reports are printed as PDF, too, when a period is closed; not when absent. */
  readonly reports?: { readonly pdf: boolean };
  readonly alerting: AlertingSettings;
}

/** A place in a file, for people: lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong, or doubtful, in a configuration or contract file. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly place: Place;
  /** Where in the document: `checks[2].timeout`. */
  readonly path: string;
  /** What was found and what was expected: `must be less than the interval 15s, got 20s`. */
  readonly message: string;
  /** What is lacking, where that may be lacking in several places at once and is mended by one act. */
  readonly lacks?: string;
}

/** What loading a configuration came to. `config` is there exactly when no problem is an error. */
export interface LoadResult {
  readonly config: Config | undefined;
  /** In the order of the files, the configuration first; within a file by line and column. */
  readonly problems: readonly Problem[];
  /** Every file that was asked for, there or not: what to watch for changes. Paths as in the problems. */
  readonly files: readonly string[];
}

/** What loading a contract alone came to. `contract` is there exactly when no problem is an error. */
export interface ContractLoadResult {
  readonly contract: Contract | undefined;
  readonly problems: readonly Problem[];
}

/** What loading needs of the world. */
export interface LoadEnvironment {
  /** The kinds of probes that there are, by name. */
  readonly kinds: ReadonlyMap<string, ProbeKind>;
  /** The whole text of a file; throws an error with a system error `code` (ENOENT, EISDIR, EFBIG …). */
  readonly readFile: (path: string) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The path of the contract that is shipped under this id; undefined when there is none. */
  readonly shippedContract: (id: string) => string | undefined;
  /** A web configuration that stands in the place of the section `web`. */
  readonly webConfigFile?: string;
  /** Milliseconds since the epoch; when absent nothing is said of what is out of date. */
  readonly nowMs?: number;
}
