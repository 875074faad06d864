import { expect, test } from 'vitest';
import { burnDown } from '../../src/web/pages/burn-down.ts';
import { stagedSources } from './page-stage.ts';

async function explained(row: string, reading: string) {
  const answer = await (await stagedSources()).explain({ row, reading });
  const explanation = answer.ok ? answer.explanations[0] : undefined;
  if (!explanation) throw new Error(`nothing is told of ${row}`);
  return explanation;
}

test('the budget goes down by what counts of an incident, while it lasts, and stays there', async () => {
  const explanation = await explained('sla3.dns', 'client');
  const line = burnDown(explanation);
  expect(explanation.verdict.budgetMs).toBe(5_349_600);
  expect(line?.leftSeconds).toEqual([5349.6, 5349.6, 3549.6, 3549.6]);
  expect(line?.atSeconds.map((at) => new Date(at * 1000).toISOString())).toEqual([
    '2026-02-28T23:00:00.000Z',
    '2026-03-10T20:50:00.000Z',
    '2026-03-10T21:20:00.000Z',
    '2026-03-20T11:00:00.000Z',
  ]);
});

test('what is deducted does not take it down: an incident of two minutes with two deducted', async () => {
  const line = burnDown(await explained('sla4.internet', 'client'));
  expect(line?.leftSeconds).toEqual([315.36, 315.36]);
});

test('it ends where the verdict says, whatever was cut off an incident by an exclusion', async () => {
  const explanation = await explained('sla3.dns', 'provider');
  expect(burnDown(explanation)?.leftSeconds.at(-1)).toBe((explanation.verdict.remainingMs ?? 0) / 1000);
});

test('a promise of no share of time has none', async () => {
  expect(burnDown(await explained('sla7.iops', 'client'))).toBeNull();
});
