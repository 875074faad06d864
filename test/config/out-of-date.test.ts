import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { environmentWith } from './loading.ts';

const SHIPPED = readFileSync('config/contracts/outscale-secnumcloud.yaml', 'utf8');

function problemsOf(holidays: string, now: string | undefined): readonly string[] {
  const contract = SHIPPED.replace('holidays: none', `holidays: ${holidays}`);
  const config = `
contract: contract.yaml
region: r
vantages: [a]
checks: [{ id: api, probe: tcp, row: sla4.api, interval: 10s, timeout: 3s, with: { host: h, port: 1 } }]
`;
  const environment = {
    ...environmentWith({ 'vigie.yaml': config, 'contract.yaml': contract }),
    ...(now !== undefined && { nowMs: Date.parse(now) }),
  };
  const loaded = loadConfig('vigie.yaml', environment);
  expect(loaded.config).toBeDefined();
  return loaded.problems.map(formatProblem).filter((text) => text.includes('holidays'));
}

const [before = ''] = SHIPPED.split('holidays: none');
const LINE = before.split('\n').length;
const COLUMN = (before.split('\n').at(-1) ?? '').length + 'holidays: '.length + 1;

describe('loadConfig: a list of holidays that has none of this year', () => {
  it('is a warning that names file, line and column of the list', () => {
    expect(problemsOf('["2024-05-01", "2025-05-01"]', '2026-03-01T00:00:00Z')).toEqual([
      `contract.yaml:${LINE}:${COLUMN}: warning: support.calendar.holidays lists dates of 2024, 2025 and none of 2026: its holidays count as working days`,
    ]);
  });

  it('is judged by the year of the calendar’s own zone', () => {
    const list = '["2026-05-01"]';
    expect(problemsOf(list, '2026-12-31T22:59:59Z')).toEqual([]);
    expect(problemsOf(list, '2026-12-31T23:00:00Z')).toHaveLength(1);
  });

  it.each(['none', 'fr', '[]', '["2026-05-01"]', '{ country: fr, also: ["2025-05-02"] }'])(
    '%s needs no year of its own',
    (holidays) => expect(problemsOf(holidays, '2026-03-01T00:00:00Z')).toEqual([]),
  );

  it('is not looked for where nobody says what time it is', () => {
    expect(problemsOf('["2024-05-01"]', undefined)).toEqual([]);
  });
});
