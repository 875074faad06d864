import { describe, expect, it } from 'vitest';
import { declaredOf } from '../../src/closing/closed-exclusions.ts';
import type { ClosedExclusion } from '../../src/core/closed-period.ts';
import { declaredBy, exclusionStatementSchema } from '../../src/contract/exclusion-schema.ts';
import { declaredOver } from '../../src/core/exclusion.ts';

const SAID = {
  evidence: 'https://e.example/1',
  author: 'ann',
  reason: 'flood',
  kind: 'attack',
  id: 'x',
  scopes: ['one'],
  checks: ['web'],
  rows: ['web'],
} as const;
const FROM = Date.parse('2026-03-10T12:00:00Z');
const ENTERED = Date.parse('2026-03-01T00:00:00Z');

describe('declaredOver', () => {
  it('has its members in the order by which closings digest them, whatever theirs was', () => {
    const [first, second] = declaredOver(
      [
        { from: FROM, to: FROM + 1 },
        { from: FROM + 5, to: FROM + 7 },
      ],
      { enteredAtMs: ENTERED, ...SAID },
    );
    expect(JSON.stringify(first)).toBe(
      `{"id":"x","kind":"attack","fromMs":${FROM},"toMs":${FROM + 1},"rows":["web"],"checks":["web"],"scopes":["one"],` +
        `"reason":"flood","author":"ann","enteredAtMs":${ENTERED},"evidence":"https://e.example/1"}`,
    );
    expect(second).toEqual({ ...first, fromMs: FROM + 5, toMs: FROM + 7 });
  });

  it.each([null, undefined])('leaves out what is not there (entered at %s)', (enteredAtMs) => {
    const { id, kind, reason, author } = SAID;
    const said = { id, kind, reason, author, enteredAtMs };
    expect(declaredOver([{ from: FROM, to: FROM + 1 }], said)).toStrictEqual([
      { id, kind, fromMs: FROM, toMs: FROM + 1, reason, author },
    ]);
  });

  it('is what is made of a statement, and of an exclusion that a closing holds', () => {
    const span = { from: '2026-03-10T12:00:00.000Z', to: '2026-03-10T13:00:00.000Z' };
    const enteredAt = new Date(ENTERED).toISOString();
    const statement = exclusionStatementSchema.parse({ ...SAID, ...span, enteredAt });
    const closed: ClosedExclusion = {
      ...{ ...SAID, enteredAt, spans: [span], source: 'person', afterTheFact: 'before', history: [] },
      state: 'in-force',
    };
    const expected = declaredOver([{ from: FROM, to: FROM + 3_600_000 }], { ...SAID, enteredAtMs: ENTERED });
    expect(declaredBy(statement)).toEqual(expected);
    expect(declaredOf([closed])).toEqual(expected);
    expect(declaredOf([{ ...closed, state: 'withdrawn' }])).toEqual([]);
  });
});
