import { probeKinds } from '../../probes/index.ts';
import { systemClock, systemRandom } from '../clock.ts';
import type { Check } from '../core/check.ts';
import { type Classification, classify } from '../core/expectation.ts';
import type { ProbeKind } from '../core/probe.ts';
import type { Reading } from '../core/reading.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';

/** Options of `vigie probe`. */
export interface ProbeOptions {
  readonly config: string;
  readonly output: OutputFormat;
}

/** `vigie probe CHECK`: one attempt of one check now, with its phases, values and classification. */
export async function probe(id: string, options: ProbeOptions, io: Io): Promise<ExitCode> {
  const kinds = probeKinds();
  const config = loadOrTell(options.config, kinds, io);
  if (!config) return EXIT.configuration;
  const check = config.checks.find((candidate) => candidate.id === id);
  const kind = check && kinds.get(check.probe);
  if (!check || !kind) {
    throw new UsageError(
      `no check "${id}" in ${options.config}; there are ${config.checks.map((one) => one.id).join(', ')}`,
    );
  }
  const { reading, classification } = await once(check, kind, io);
  await Promise.all([...kinds.values()].map((one) => one.close()));
  io.out(
    options.output === 'json'
      ? jsonText({ check: id, classification, reading })
      : describe(check, reading, classification),
  );
  return classification.outcome === 'good' ? EXIT.fine : EXIT.finding;
}

async function once(check: Check, kind: ProbeKind, io: Io) {
  const deadline = new AbortController();
  const cancel = systemClock.after(check.timeoutMs, () => deadline.abort());
  const signal = AbortSignal.any([deadline.signal, io.stopped]);
  const reading = await kind
    .configure(check.settings)
    .run({ signal, clock: systemClock, random: systemRandom });
  cancel();
  return { reading, classification: classify(reading, check.expectations, kind.values(check.settings)) };
}

function describe(check: Check, reading: Reading, classification: Classification): string {
  const lines = [`${check.id} (${check.probe}, ${check.row} ${check.scope}): ${words(classification)}`];
  if (reading.kind !== 'blind') {
    if (reading.latencyMs !== undefined) lines.push(`  latency   ${reading.latencyMs.toFixed(3)} ms`);
    for (const [phase, ms] of Object.entries(reading.phases ?? {}))
      lines.push(`  ${phase.padEnd(9)} ${ms.toFixed(3)} ms`);
    for (const [name, value] of Object.entries({ ...reading.values, ...reading.evidence })) {
      lines.push(`  ${name} = ${typeof value === 'object' ? value.join(', ') : String(value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function words(classification: Classification): string {
  if (classification.outcome === 'good') return 'good';
  const why = classification.outcome === 'absent' ? classification.blind : classification.cause;
  return `${classification.outcome} (${why}): ${classification.detail}`;
}
