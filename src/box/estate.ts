import type { Account } from './account.ts';
import type { BoxFault } from './fault.ts';

/** What the services of a box share, and what outlives a front door that was down: a region closed and opened again has lost nothing. */
export interface Estate {
  /** Where the volumes lie: a folder of this machine, which is there. */
  readonly folder: string;
  /** The objects of object storage, by key. */
  readonly objects: Map<string, Buffer>;
  /** What the API tells of and changes. */
  readonly account: Account;
  /** How a service is broken at the moment; undefined when it is not. */
  readonly faultOf: (service: string) => BoxFault | undefined;
}
