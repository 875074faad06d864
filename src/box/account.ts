import { BOX_CANARIES, BOX_SERVER_VMS, BOX_SNAPSHOTS, BOX_SUBREGIONS, BOX_VM } from './region.ts';

/** A virtual machine. */
export interface BoxVm {
  readonly id: string;
  readonly subregion: string;
  state: 'running' | 'stopped';
  /** Whether a start of it is carried out, or refused for want of capacity. */
  startable: boolean;
}

/** A snapshot of a volume. */
export interface BoxSnapshot {
  readonly id: string;
  state: 'completed' | 'error';
  sizeGib: number;
  readonly tag: { readonly Key: string; readonly Value: string };
}

/** One line of the record of calls, as `ReadApiLogs` tells it. */
export interface BoxApiLog {
  readonly QueryCallName: string;
  /** RFC 3339, UTC. */
  readonly QueryDate: string;
  readonly QueryAccessKey: string;
  readonly QueryPayloadRaw: string;
  readonly RequestId: string;
  readonly ResponseStatusCode: number;
}

/** What the account in the box has: the state that the API tells, and that calls and faults change. */
export interface Account {
  readonly vms: ReadonlyMap<string, BoxVm>;
  /** By id; one that is lost is not there. */
  readonly snapshots: Map<string, BoxSnapshot>;
  /** The newest last. */
  readonly apiLogs: BoxApiLog[];
}

const MOST_LOGS = 1_000;

/** An account whose machines run and whose snapshots are complete. */
export function createAccount(): Account {
  const onServer = BOX_SERVER_VMS.map((id) => runningVm(id, BOX_VM.subregion));
  const canaries = BOX_CANARIES.map((id, index) => runningVm(id, BOX_SUBREGIONS[index] ?? ''));
  return {
    vms: new Map([...onServer, ...canaries].map((vm) => [vm.id, vm])),
    snapshots: allSnapshots(),
    apiLogs: [],
  };
}

function runningVm(id: string, subregion: string): BoxVm {
  return { id, subregion, state: 'running', startable: true };
}

/** The snapshots as they were made, by id. */
export function allSnapshots(): Map<string, BoxSnapshot> {
  const made = (id: string, Key: string, Value: string): readonly [string, BoxSnapshot] => [
    id,
    { id, state: 'completed', sizeGib: 1, tag: { Key, Value } },
  ];
  return new Map([
    made(BOX_SNAPSHOTS.nightly, 'backup', 'nightly'),
    ...BOX_SNAPSHOTS.sentinels.map((id) => made(id, 'vigie:sentinel', '')),
  ]);
}

/** Adds a call to the record; the oldest fall out. */
export function record({ apiLogs }: Account, log: BoxApiLog): void {
  apiLogs.push(log);
  if (apiLogs.length > MOST_LOGS) apiLogs.splice(0, apiLogs.length - MOST_LOGS);
}
