import type { ConfiguredProbe, ProbeContext } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { type Heartbeat, type HeartbeatTarget, hearHeartbeat } from './heartbeat.ts';
import type { Lookup } from './lookup.ts';
import type { OutscaleClient, PreparedCall } from './outscale-client.ts';
import { patienceOf } from './patience.ts';
import { ownStart } from './vm-calls.ts';
import { toldReading, untold, untoldReading, type VmLook } from './vm-reading.ts';
import { readRecord, type VmRecord } from './vm-record.ts';
import {
  afterLook,
  afterStart,
  allCalls,
  judgeVm,
  NO_MEMORY,
  type RestartPlan,
  restartDue,
  type VmMemory,
  type VmSight,
} from './vm-state.ts';
import { toldOf, type VmTold } from './vm-told.ts';

/** What is watched, and what may be done about it. Times in milliseconds. */
export interface VmPlan {
  readonly vmId: string;
  readonly heartbeat: HeartbeatTarget | undefined;
  readonly placementServer: string | undefined;
  readonly restart: RestartPlan;
  /** For how long a look waits for the API and the heartbeat together. */
  readonly patienceMs: number;
  /** Whether the client has announced that the machine stands still at this instant. */
  readonly isKnownStop: (nowMs: number) => boolean;
}

/** Of the record, this much before the machine was last seen running is read as well. */
const RECORD_MARGIN_MS = 300_000;

/** Watches one machine, and remembers what it saw of it for as long as it lives. */
export class VmWatch implements ConfiguredProbe {
  readonly #plan: VmPlan;
  readonly #client: OutscaleClient;
  readonly #lookup: Lookup;
  readonly #readState: PreparedCall;
  readonly #start: PreparedCall;
  #memory: VmMemory = NO_MEMORY;
  #starting = false;

  constructor(plan: VmPlan, client: OutscaleClient, lookup: Lookup) {
    this.#plan = plan;
    this.#client = client;
    this.#lookup = lookup;
    const VmIds = [plan.vmId];
    this.#readState = client.prepare({
      action: 'ReadVmsState',
      parameters: { AllVms: true, Filters: { VmIds } },
    });
    this.#start = client.prepare({ action: 'StartVms', parameters: { VmIds } });
  }

  get identity(): string {
    return this.#readState.identity;
  }

  async run(context: ProbeContext): Promise<Reading> {
    if (context.signal.aborted) return untold(`${this.#plan.vmId}: timeout before it began`);
    const patience = patienceOf(context, this.#plan.patienceMs);
    try {
      const hearing = this.#hear(patience.context);
      // Awaited below only where it matters; a bug in it must not go unseen by then.
      hearing.catch(() => undefined);
      const result = await this.#readState.send(patience.context);
      const told = toldOf(result, this.#plan.vmId);
      if (told && told.state !== 'running') return await this.#lookDown(told, patience.context);
      const heartbeat = await hearing;
      if (context.signal.aborted) return untold(`${this.#plan.vmId}: timeout`);
      const look = this.#look(heartbeat);
      if (!told) return untoldReading(result, look);
      const sight = this.#sight(told, context);
      this.#memory = afterLook(this.#memory, sight);
      return toldReading(told, { kind: 'running' }, look);
    } finally {
      patience.end();
    }
  }

  #hear(context: ProbeContext): Promise<Heartbeat | undefined> {
    const { heartbeat } = this.#plan;
    return heartbeat ? hearHeartbeat(heartbeat, this.#lookup, context) : Promise.resolve(undefined);
  }

  /** A look at a machine that does not run: what was done about it, by others and by us. */
  async #lookDown(told: VmTold, context: ProbeContext): Promise<Reading> {
    const { vmId, restart } = this.#plan;
    const sight = this.#sight(told, context);
    this.#memory = afterLook(this.#memory, sight);
    const record = await this.#readRecord(sight, context);
    const logged = record.kind === 'read' ? record.calls : [];
    const due =
      record.kind === 'read' && restartDue(sight, this.#memory, allCalls(this.#memory, logged), restart);
    if (due) await this.#restart(sight, context);
    const calls = allCalls(this.#memory, logged);
    const verdict = judgeVm(sight, this.#memory, calls, restart.startWithinMs);
    // Without the record others may have stopped it, or have failed to start it: only a failure of our own is certain.
    if (record.kind === 'unread' && verdict.kind !== 'cannot-restart')
      return untold(`${vmId} is ${told.state}; its calls on record could not be read: ${record.why}`);
    return toldReading(told, verdict, this.#look(undefined));
  }

  async #readRecord(sight: VmSight, context: ProbeContext): Promise<VmRecord> {
    if (sight.knownStop) return { kind: 'read', calls: [] };
    const { ranMs } = this.#memory;
    const fromMs = ranMs === undefined ? undefined : ranMs - RECORD_MARGIN_MS;
    return readRecord(this.#client, this.#plan.vmId, { fromMs, nowMs: sight.nowMs }, context);
  }

  /** One at a time, however many looks overlap. */
  async #restart(sight: VmSight, context: ProbeContext): Promise<void> {
    if (this.#starting || context.signal.aborted) return;
    this.#starting = true;
    try {
      const result = await this.#start.share(context);
      this.#memory = afterStart(this.#memory, ownStart(result, sight.nowMs));
    } finally {
      this.#starting = false;
    }
  }

  #sight({ state, by }: VmTold, { clock }: ProbeContext): VmSight {
    const nowMs = clock.wallMs() - (by.clockAheadMs ?? 0);
    return { state, nowMs, knownStop: this.#plan.isKnownStop(nowMs) };
  }

  #look(heartbeat: Heartbeat | undefined): VmLook {
    const { vmId, placementServer } = this.#plan;
    return { vmId, placementServer, heartbeat };
  }
}
