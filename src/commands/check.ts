import { probeKinds } from '../../probes/index.ts';
import { formatProblem } from '../config/problem.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat } from './io.ts';
import { loadFrom } from './load.ts';

/** `vigie check FILE`: every problem of a configuration at once. */
export function check(file: string, { output }: { readonly output: OutputFormat }, io: Io): ExitCode {
  const { config, problems } = loadFrom(file, probeKinds(), io);
  const errors = problems.filter((problem) => problem.severity === 'error');
  const warnings = problems.filter((problem) => problem.severity === 'warning');
  if (output === 'json') {
    io.out(jsonText({ ok: config !== undefined, errors: errors.map(flat), warnings: warnings.map(flat) }));
  } else {
    for (const problem of problems) io.out(`${formatProblem(problem)}\n`);
    io.out(`${file}: ${summary(errors.length, warnings.length, config?.checks.length)}\n`);
  }
  return config ? EXIT.fine : EXIT.configuration;
}

type Problem = ReturnType<typeof loadFrom>['problems'][number];

function flat({ severity, place, path, message }: Problem) {
  return { severity, ...place, path, message };
}

function summary(errors: number, warnings: number, checks: number | undefined): string {
  const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  const found = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  const verdict = checks === undefined ? '' : `good, ${counted(checks, 'check')}`;
  return [verdict, ...found].filter(Boolean).join(', ');
}
