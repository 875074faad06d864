import type { Clock } from '../core/clock.ts';
import { createAccount } from './account.ts';
import type { Estate } from './estate.ts';
import type { BoxFault } from './fault.ts';
import { isPortOffset } from './port-offset.ts';
import { BOX_SERVICES, type BoxServiceName } from './services.ts';
import { Stall } from './stall.ts';

/** What the box needs. */
export interface BoxOptions {
  readonly clock: Clock;
  /** Added to the port of every service. */
  readonly portOffset: number;
  /** A folder of this machine that is there, in which the volumes lie. */
  readonly folder: string;
}

/** A service of the box, for people. */
export interface BoxServiceFacts {
  readonly name: BoxServiceName;
  readonly summary: string;
  /** With the offset; undefined for what has no door, but is seen on a disk or by the API. */
  readonly port: number | undefined;
  readonly faults: readonly BoxFault[];
}

/**
 * A region of a cloud provider in a box: small real servers on loopback, machines and snapshots that its API tells of,
 * and a volume; each can be broken by itself.
 */
export interface Box {
  /** In the order in which they are shown. */
  readonly services: readonly BoxServiceFacts[];
  /** Begins to listen, but for what is down. Rejects with a BoxPortError, and then nothing listens. */
  start(): Promise<void>;
  /** Ends everything; no handle stays open. May be started again; faults stay, and so does all that was stored. */
  stop(): Promise<void>;
  /**
   * Breaks a service, or mends it when there is no fault. Resolves when that is so; before the start it only takes
   * note. Rejects with a BoxPortError when the port of a service that was down was taken meanwhile; asking
   * again tries again. Throws a RangeError for a fault that the service does not have.
   */
  setFault(service: BoxServiceName, fault: BoxFault | undefined): Promise<void>;
  /** How a service is broken at the moment; undefined when it is not. */
  fault(service: BoxServiceName): BoxFault | undefined;
}

/** Sets up a box that does not listen yet. Throws a RangeError for an offset that leaves no usable ports. */
export function createBox({ clock, portOffset, folder }: BoxOptions): Box {
  if (!isPortOffset(portOffset)) throw new RangeError(`no usable ports at the offset ${portOffset}`);
  const estate: Estate = {
    folder,
    objects: new Map(),
    account: createAccount(),
    faultOf: (service) => [...stalls].find(([name]) => name === service)?.[1].fault,
  };
  const stalls: ReadonlyMap<BoxServiceName, Stall> = new Map(
    BOX_SERVICES.map((service) => [service.name, new Stall(service, { clock, portOffset, estate })]),
  );
  const stallOf = (name: BoxServiceName): Stall => {
    const stall = stalls.get(name);
    if (!stall) throw new RangeError(`the box has no service ${name}`);
    return stall;
  };
  return {
    services: BOX_SERVICES.map(({ name, summary, faults }) => ({
      name,
      summary,
      port: stallOf(name).port,
      faults,
    })),
    start: () => startAll([...stalls.values()]),
    stop: () => stopAll([...stalls.values()]),
    setFault: (name, fault) => stallOf(name).setFault(fault),
    fault: (name) => stallOf(name).fault,
  };
}

async function startAll(stalls: readonly Stall[]): Promise<void> {
  const outcomes = await Promise.allSettled(stalls.map((stall) => stall.setRunning(true)));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failure) return;
  await stopAll(stalls);
  throw failure.reason;
}

async function stopAll(stalls: readonly Stall[]): Promise<void> {
  await Promise.all(stalls.map((stall) => stall.setRunning(false)));
}
