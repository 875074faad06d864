import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BoxPortError } from '../box/stall.ts';
import { type Box, createBox } from '../box/box.ts';
import { type DrillStep, parseDrillStep } from '../box/drill.ts';
import { BOX_SERVICES } from '../box/services.ts';
import { isPortOffset, movedBoxConfig, withPortOffset, withVolume } from '../box/port-offset.ts';
import { systemClock } from '../clock.ts';
import type { LoadResult } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { readTextFile, shippedContract } from '../config/local-files.ts';
import { nearest } from '../config/nearest.ts';
import type { ProbeKind } from '../core/probe.ts';
import type { FaultControl } from '../web/sources.ts';
import { drillConfigIn, makeDrillFolder, removeDrillFolder, sweepDrillFolders } from './drill-folder.ts';
import { type Io, UsageError } from './io.ts';
import { BOX_CONFIG } from './config-files.ts';

/** As the live table names it in the data directory. */
const DRILL_LOG = 'vigie.log';

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
  /** Undefined for what has no door, but is seen on a disk or by the API. */
  readonly port: number | undefined;
  readonly faults: readonly string[];
  readonly fault: string | undefined;
}

/** What is broken from the start, and where the box listens. */
export interface DrillOptions {
  readonly fault: readonly string[];
  readonly portOffset: number;
}

/**
 * Starts a region in a box with these services broken; a drill begins with empty windows and leaves nothing behind but
 * its log, which replaces that of the drill before.
 * Throws a UsageError that says what was expected.
 */
export async function startDrill(
  { fault, portOffset }: DrillOptions,
  kinds: ReadonlyMap<string, ProbeKind>,
  io: Io,
): Promise<Drill> {
  if (!isPortOffset(portOffset))
    throw new UsageError(`--port-offset is ${portOffset}, which leaves no usable ports`);
  const steps = fault.map(readStep);
  sweepDrillFolders();
  const dataDir = makeDrillFolder();
  // Whoever is in a hurry leaves nothing behind either.
  const stay = io.onExit(() => leave(dataDir, io));
  const volume = join(dataDir, 'volume');
  const box = createBox({ clock: systemClock, portOffset, folder: volume });
  try {
    for (const step of steps) await box.setFault(step.service, step.fault);
    await box.start();
    writeConfig(dataDir, volume, portOffset);
  } catch (error) {
    stay();
    removeDrillFolder(dataDir);
    if (error instanceof BoxPortError) throw new UsageError(error.message);
    throw error;
  }
  const listeners: ((service: string, fault: string | undefined) => void)[] = [];
  const setFault = ({ service, fault }: DrillStep): void => {
    box.setFault(service, fault).then(
      () => listeners.forEach((listener) => listener(service, fault)),
      (error: unknown) => io.err(`${String(error)}\n`),
    );
  };
  return {
    load: () => {
      const readFile = readTextFile;
      return loadConfig(drillConfigIn(dataDir), { kinds, readFile, env: io.env, shippedContract });
    },
    faults: faultControl(box, setFault),
    services: () => servicesOf(box),
    onFault: (listener) => void listeners.push(listener),
    async stop() {
      await box.stop();
      stay();
      leave(dataDir, io);
    },
  };
}

/** The configuration of the box as a file of the drill: what names it finds the books and the address of this drill. */
function writeConfig(dataDir: string, volume: string, portOffset: number): void {
  const text = withVolume(withPortOffset(readTextFile(BOX_CONFIG), portOffset), volume);
  writeFileSync(drillConfigIn(dataDir), movedBoxConfig(text, dirname(BOX_CONFIG), portOffset));
}

function leave(dataDir: string, io: Io): void {
  keepLog(dataDir, io);
  removeDrillFolder(dataDir);
}

/** Where the user's programs keep what is of use for a while (XDG Base Directory Specification). */
function stateFolder({ XDG_STATE_HOME: state, HOME: home }: Io['env']): string | undefined {
  const folder = state || (home && join(home, '.local/state'));
  return folder ? join(folder, 'vigie') : undefined;
}

/** Keeps the log of the last drill, where it wrote one; that it cannot be kept is no failure of the drill. */
function keepLog(dataDir: string, io: Io): void {
  const log = join(dataDir, DRILL_LOG);
  const folder = stateFolder(io.env);
  if (!folder || !existsSync(log)) return;
  const kept = join(folder, 'drill.log');
  try {
    mkdirSync(folder, { recursive: true });
    copyFileSync(log, `${kept}.new`);
    renameSync(`${kept}.new`, kept);
    io.err(`the log of this drill is kept: ${kept}\n`);
  } catch (error) {
    io.err(`the log of this drill is not kept: ${String(error)}\n`);
  }
}

function readStep(text: string): DrillStep {
  const step = parseDrillStep(text);
  if (!('problem' in step)) return step;
  const [name = ''] = text.split('=');
  const meant = nearest(
    name,
    BOX_SERVICES.map((service) => service.name),
  );
  const hint = meant === undefined || meant === name ? '' : `; did you mean "${meant}"?`;
  throw new UsageError(`--fault ${step.problem}${hint}`);
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
