import { BOX_FAULTS, type BoxFault, FAULT_MEANINGS } from './fault.ts';
import { BOX_SERVICES, type BoxServiceName } from './services.ts';

/** One step of a fire drill: what to break and how, or, without a fault, what to mend. */
export interface DrillStep {
  readonly service: BoxServiceName;
  readonly fault: BoxFault | undefined;
}

const MENDED = 'none';

/**
 * Reads `dns`, `dns=slow` or `dns=none`: a service, and how it is to be broken; its first fault when that is left
 * out. `problem` says in one line what was expected instead.
 */
export function parseDrillStep(text: string): DrillStep | { readonly problem: string } {
  const [name = '', faultName, ...rest] = text.split('=');
  const service = BOX_SERVICES.find((candidate) => candidate.name === name);
  if (!service || rest.length > 0) {
    const names = BOX_SERVICES.map((candidate) => candidate.name).join(', ');
    return { problem: `"${text}" names no service of the box; expected one of ${names}` };
  }
  if (faultName === MENDED) return { service: service.name, fault: undefined };
  const faults: readonly BoxFault[] = service.faults;
  const fault = faultName === undefined ? faults[0] : BOX_FAULTS.find((known) => known === faultName);
  if (fault && faults.includes(fault)) return { service: service.name, fault };
  const expected = [...faults, MENDED].join(', ');
  return { problem: `"${faultName}" is no fault of ${service.name}; expected one of ${expected}` };
}

/** Every service with its faults and what a client meets under each, a line each, for people. */
export function drillHelp(): string {
  return BOX_SERVICES.flatMap(({ name, summary, faults, meanings }) => [
    `${name}: ${summary}`,
    ...faults.map(
      (fault) => `  ${name}=${fault}`.padEnd(HELP_COLUMN) + (meanings?.[fault] ?? FAULT_MEANINGS[fault]),
    ),
  ]).join('\n');
}

const HELP_COLUMN = 27;
