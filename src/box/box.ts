import type { Clock } from '../core/clock.ts';
import type { BoxFault } from './fault.ts';
import { isPortOffset } from './port-offset.ts';
import { BOX_SERVICES, type BoxServiceName } from './services.ts';
import { Stall } from './stall.ts';

/** What the box needs. */
export interface BoxOptions {
  readonly clock: Clock;
  /** Added to the port of every service. */
  readonly portOffset: number;
}

/** A service of the box, for people. */
export interface BoxServiceFacts {
  readonly name: BoxServiceName;
  readonly summary: string;
  /** With the offset. */
  readonly port: number;
  readonly faults: readonly BoxFault[];
}

/** A region of a cloud provider in a box: small real servers on loopback that can be broken one by one. */
export interface Box {
  /** In the order in which they are shown. */
  readonly services: readonly BoxServiceFacts[];
  /** Begins to listen, but for what is down. Rejects with a BoxPortError, and then nothing listens. */
  start(): Promise<void>;
  /** Ends everything; no handle stays open. May be started again; faults stay. */
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
export function createBox({ clock, portOffset }: BoxOptions): Box {
  if (!isPortOffset(portOffset)) throw new RangeError(`no usable ports at the offset ${portOffset}`);
  const stalls = new Map<BoxServiceName, Stall>(
    BOX_SERVICES.map((service) => [service.name, new Stall(service, service.port + portOffset, clock)]),
  );
  const stallOf = (name: BoxServiceName): Stall => {
    const stall = stalls.get(name);
    if (!stall) throw new RangeError(`the box has no service ${name}`);
    return stall;
  };
  return {
    services: BOX_SERVICES.map(({ name, summary, port, faults }) => ({
      name,
      summary,
      port: port + portOffset,
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
