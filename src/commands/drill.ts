import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoxPortError } from '../box/stall.ts';
import { type Box, createBox } from '../box/box.ts';
import { type DrillStep, parseDrillStep } from '../box/drill.ts';
import { isPortOffset, withPortOffset } from '../box/port-offset.ts';
import { systemClock } from '../clock.ts';
import type { LoadResult } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { readTextFile, shippedContract } from '../config/local-files.ts';
import type { ProbeKind } from '../core/probe.ts';
import type { FaultControl } from '../web/sources.ts';
import { type Io, UsageError } from './io.ts';

const BOX_CONFIG = join(import.meta.dirname, '../../config/vigie.yaml');

/** A region in a box that is running, and the configuration that watches it. */
export interface Drill {
  readonly load: () => LoadResult;
  readonly faults: FaultControl;
  readonly services: () => readonly DrillService[];
  /** Tells every fault that is set or mended, whoever asked for it. */
  readonly onFault: (listener: (service: string, fault: string | undefined) => void) => void;
  readonly stop: () => Promise<void>;
}

/** A service of the box, and how it is broken at the moment; undefined when it is not. */
export interface DrillService {
  readonly name: string;
  readonly summary: string;
  readonly port: number;
  readonly faults: readonly string[];
  readonly fault: string | undefined;
}

/** What is broken from the start, and where the box listens. */
export interface DrillOptions {
  readonly fault: readonly string[];
  readonly portOffset: number;
}

/**
 * Starts a region in a box with these services broken; a drill begins with empty windows and leaves nothing behind.
 * Throws a UsageError that says what was expected.
 */
export async function startDrill(
  { fault, portOffset }: DrillOptions,
  kinds: ReadonlyMap<string, ProbeKind>,
  io: Io,
): Promise<Drill> {
  if (!isPortOffset(portOffset))
    throw new UsageError(`--port-offset is ${portOffset}, which leaves no usable ports`);
  const box = createBox({ clock: systemClock, portOffset });
  for (const { service, fault: wanted } of fault.map(readStep)) await box.setFault(service, wanted);
  try {
    await box.start();
  } catch (error) {
    if (error instanceof BoxPortError) throw new UsageError(error.message);
    throw error;
  }
  const readFile = (path: string): string =>
    path === BOX_CONFIG ? withPortOffset(readTextFile(path), portOffset) : readTextFile(path);
  const dataDir = mkdtempSync(join(tmpdir(), 'vigie-drill-'));
  const listeners: ((service: string, fault: string | undefined) => void)[] = [];
  const setFault = ({ service, fault }: DrillStep): void => {
    box.setFault(service, fault).then(
      () => listeners.forEach((listener) => listener(service, fault)),
      (error: unknown) => io.err(`${String(error)}\n`),
    );
  };
  return {
    load() {
      const loaded = loadConfig(BOX_CONFIG, { kinds, readFile, env: io.env, shippedContract });
      if (!loaded.config) return loaded;
      const { host, port } = loaded.config.listen;
      return { ...loaded, config: { ...loaded.config, dataDir, listen: { host, port: port + portOffset } } };
    },
    faults: faultControl(box, setFault),
    services: () => servicesOf(box),
    onFault: (listener) => void listeners.push(listener),
    async stop() {
      await box.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readStep(text: string): DrillStep {
  const step = parseDrillStep(text);
  if ('problem' in step) throw new UsageError(`--fault ${step.problem}`);
  return step;
}

function servicesOf(box: Box): readonly DrillService[] {
  return box.services.map((service) => ({ ...service, fault: box.fault(service.name) }));
}

/** `POST /api/faults {"fault": "dns=slow"}` and the keys of the live table both come here. */
function faultControl(box: Box, setFault: (step: DrillStep) => void): FaultControl {
  const state = () => ({
    services: servicesOf(box).map((service) => ({ ...service, fault: service.fault ?? null })),
  });
  return {
    state,
    set(request) {
      const text = faultIn(request);
      if (text === undefined)
        return { ok: false, detail: 'expected {"fault": "dns"}, "dns=slow" or "dns=none"' };
      const step = parseDrillStep(text);
      if ('problem' in step) return { ok: false, detail: step.problem };
      setFault(step);
      return { ok: true, state: state() };
    },
  };
}

function faultIn(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null || !('fault' in request)) return undefined;
  return typeof request.fault === 'string' ? request.fault : undefined;
}
