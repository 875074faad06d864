import { describe, expect, test } from 'vitest';
import { activeMaintenance, membersUnderMaintenance } from '../../src/export/rules/maintenance.ts';
import { rowPlans } from '../../src/export/rules/row-plan.ts';
import { watchedMembers } from '../../src/export/rules/setup.ts';
import { alertThresholds } from '../../src/export/rules/thresholds.ts';
import { everyRow, oddSetup, shippedContract } from './rules-setup.ts';

const outscale = everyRow(shippedContract('outscale-secnumcloud'));

function planOf(row: string, setup = outscale) {
  const plan = rowPlans(setup).find((one) => one.row.id === row);
  if (!plan) throw new Error(`no plan for ${row}`);
  return plan;
}

const kept = (row: string, setup = outscale) =>
  planOf(row, setup).pairs.map(({ long, burnRate }) => [long, burnRate]);
const dropped = (row: string, setup = outscale) =>
  planOf(row, setup).dropped.map(({ long, reason }) => [long, reason]);

describe('rowPlans', () => {
  test('99.9 % a month: the four pairs, with f = share × P / L', () => {
    expect(kept('sla4.api')).toEqual([
      ['1h', 14.4],
      ['6h', 6],
      ['1d', 3],
      ['3d', 1],
    ]);
    expect(dropped('sla4.api')).toEqual([]);
  });

  test('99.7 % a year: f is that of 365 days', () => {
    expect(kept('sla1.az')).toEqual([
      ['1h', 175.2],
      ['6h', 73],
      ['1d', 36.5],
      ['3d', expect.closeTo(12.1667, 4)],
    ]);
  });

  test('99.999 % a year: no burn rate; every confirmed incident, and escalation at half of budget and deduction', () => {
    const plan = planOf('sla4.internet');
    expect(plan).toMatchObject({ isScarce: true, pairs: [], incidentMs: 0, budgetMs: 315_360 });
    expect(plan.timeToBreachMs).toBe((315_360 + 120_000) / 2);
    expect(plan.hiddenMs).toBe(315_360);
    expect(dropped('sla4.internet').map(([, reason]) => reason)).toEqual(Array(4).fill('scarce-budget'));
  });

  test.each([
    ['sla4.api', 60_000, '2 % of 43 min is less than a minute'],
    ['sla3.dns', 103_680, '2 % of 86 min'],
    ['sla1.region', 300_000, '2 % of 8 h is more than five minutes'],
    ['sla2.latency', 300_000, 'slowness is told when it lasts'],
  ])('%s: an incident is told from %i ms on (%s)', (row, ms) => {
    expect(planOf(row).incidentMs).toBe(ms);
  });

  test('pairs that take 80 % of the window and more are dropped', () => {
    expect(dropped('lax.month', oddSetup())).toEqual([['1h', 'cannot-fire']]);
    expect(dropped('lax.year', oddSetup())).toEqual([
      ['1h', 'cannot-fire'],
      ['6h', 'cannot-fire'],
      ['1d', 'cannot-fire'],
    ]);
    expect(kept('none.year', oddSetup())).toEqual([]);
  });

  test('pairs that fewer than three slots would fire are dropped', () => {
    // 2, 5 and 10 % of 2,592 s against three slots of 300 s.
    expect(dropped('coarse.month', oddSetup()).map(([, reason]) => reason)).toEqual(
      Array(4).fill('one-sample'),
    );
    expect(dropped('tight.month', oddSetup()).map(([, reason]) => reason)).toEqual(
      Array(4).fill('scarce-budget'),
    );
  });

  test('rows that promise nothing or are not watched have no plan', () => {
    const rows = rowPlans({ ...outscale, checks: outscale.checks.filter(({ row }) => row === 'sla3.dns') });
    expect(rows.map(({ row }) => row.id)).toEqual(['sla3.dns']);
    expect(rowPlans(outscale).some(({ row }) => row.id === 'sla8.ephemeral')).toBe(false);
  });
});

describe('alertThresholds', () => {
  test('one value for each row and alert', () => {
    const keys = alertThresholds(outscale).map(({ gauge, row, alert }) => `${gauge} ${row} ${alert}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('watchedMembers', () => {
  test('a composition names the checks of its member, of whatever row they are', () => {
    const compositions = [
      { row: 'sla1.region', scope: 'region', bad: { all: ['check-sla3.dns', 'check-sla4.api'] } },
    ];
    const member = watchedMembers({ ...outscale, compositions }).find(({ row }) => row === 'sla1.region');
    expect(member?.checks.map(({ id }) => id)).toEqual(['check-sla3.dns', 'check-sla4.api']);
  });
});

describe('membersUnderMaintenance', () => {
  const checks = [
    { id: 'a', row: 'sla3.dns', scope: 'region', intervalMs: 10_000 },
    { id: 'b', row: 'sla3.dns', scope: 'region', intervalMs: 10_000 },
    { id: 'c', row: 'sla3.ntp', scope: 'region', intervalMs: 10_000 },
  ];
  const span = {
    id: 'mw',
    kind: 'maintenance',
    fromMs: 1000,
    toMs: 2000,
    reason: 'upgrade',
    author: 'ops',
  } as const;
  const muted = (atMs: number, ...exclusions: Parameters<typeof activeMaintenance>[0]) =>
    membersUnderMaintenance({ ...outscale, checks }, activeMaintenance(exclusions, atMs))
      .filter(({ isActive }) => isActive)
      .map(({ row }) => row);

  test('covers every row while it lasts, its first instant included and its last not', () => {
    expect([999, 1000, 1999, 2000].map((atMs) => muted(atMs, span).length)).toEqual([0, 2, 2, 0]);
  });

  test('restricted to rows and scopes, covers those alone', () => {
    expect(muted(1500, { ...span, rows: ['sla3.ntp'] })).toEqual(['sla3.ntp']);
    expect(muted(1500, { ...span, scopes: ['elsewhere'] })).toEqual([]);
  });

  test('of one check, leaves a member alone that another check watches as well', () => {
    expect(muted(1500, { ...span, checks: ['a', 'c'] })).toEqual(['sla3.ntp']);
    expect(muted(1500, { ...span, checks: ['a'] }, { ...span, id: 'more', checks: ['b'] })).toEqual([
      'sla3.dns',
    ]);
  });

  test('other kinds of exclusions mute nothing', () => {
    expect(muted(1500, { ...span, kind: 'attack' })).toEqual([]);
  });
});
