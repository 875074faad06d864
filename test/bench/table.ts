import { type Figure, holds } from './figure.ts';

/** What one benchmark came to. */
export interface Outcome {
  readonly bench: string;
  readonly summary: string;
  readonly result: readonly Figure[] | { readonly skipped: string };
}

/** An outcome as lines for people: figure, range, goal, and whether it holds. */
export function asText({ bench, result }: Outcome): string {
  if ('skipped' in result) return `${bench}: skipped: ${result.skipped}\n`;
  return result.map((one) => `${lineOf(one)}\n`).join('');
}

function lineOf(one: Figure): string {
  const { what, unit, median, min, max, rounds, goal } = one;
  const range = rounds > 1 ? ` [${short(min)}..${short(max)}]` : '';
  const verdict =
    goal === undefined ? '' : `goal ≤ ${short(goal)}: ${holds(one) ? 'holds' : 'DOES NOT HOLD'}`;
  return `  ${what.padEnd(58)} ${`${short(median)} ${unit}${range}`.padEnd(42)} ${verdict}`.trimEnd();
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
