import type { Clock } from '../core/clock.ts';
import { type Account, type BoxVm, record } from './account.ts';
import type { Estate } from './estate.ts';
import { BOX_SERVER_VMS, BOX_VM } from './region.ts';
import type { BoxService } from './service.ts';

/** A virtual machine (SLA9): stopped by nobody and not to be started for want of capacity, or stopped by a client. */
export const vm = {
  name: 'vm',
  summary: `virtual machine ${BOX_VM.id}`,
  faults: ['down', 'stopped'],
  meanings: { down: 'it has stopped, and a start of it is refused: no capacity' },
  settle: (_fault, estate, clock) => settleMachines(estate, clock),
} as const satisfies BoxService;

/** The hardware that {@link BOX_SERVER_VMS} run on: when it is down none of them can be started. */
export const hardware = {
  name: 'hardware',
  summary: `hardware ${BOX_VM.server}, with ${BOX_SERVER_VMS.length} virtual machines on it`,
  faults: ['down'],
  meanings: { down: 'all machines on it have stopped, and none can be started' },
  settle: (_fault, estate, clock) => settleMachines(estate, clock),
} as const satisfies BoxService;

/** Machines are as the faults of both services want them, whichever changed. */
function settleMachines({ account, faultOf }: Estate, clock: Clock): Promise<void> {
  const own = faultOf(vm.name);
  for (const id of BOX_SERVER_VMS) {
    const machine = account.vms.get(id);
    const isOwn = id === BOX_VM.id;
    const dead = faultOf(hardware.name) === 'down' || (isOwn && own === 'down');
    if (machine) settle(machine, { dead, stopped: isOwn && own === 'stopped' }, account, clock);
  }
  return Promise.resolve();
}

function settle(
  machine: BoxVm,
  { dead, stopped }: { readonly dead: boolean; readonly stopped: boolean },
  account: Account,
  clock: Clock,
): void {
  const wasOurs = machine.state === 'stopped' && machine.startable;
  machine.startable = !dead;
  const wanted = dead || stopped ? 'stopped' : 'running';
  if (machine.state === wanted) return;
  machine.state = wanted;
  // What a client did is on record, and what undoes it; what befell a machine is not.
  if (stopped && !dead) recordCall('StopVms', machine, account, clock);
  else if (wanted === 'running' && wasOurs) recordCall('StartVms', machine, account, clock);
}

/** A client's call, as if it had been made. */
function recordCall(name: string, { id }: BoxVm, account: Account, clock: Clock): void {
  const now = new Date(clock.wallMs()).toISOString();
  record(account, {
    QueryCallName: name,
    QueryDate: now,
    QueryAccessKey: 'VIGIEDRILLCLIENT',
    QueryPayloadRaw: JSON.stringify({ VmIds: [id] }),
    RequestId: `client-${now}`,
    ResponseStatusCode: 200,
  });
}
