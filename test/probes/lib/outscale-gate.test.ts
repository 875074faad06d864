import { describe, expect, it } from 'vitest';
import { type SignatureFate, SigningGates } from '../../../probes/lib/outscale-gate.ts';

const KEY = { accessKey: 'AK', secretKey: 'SK' };
const REFUSED: SignatureFate = { kind: 'refused', blind: 'credentials', told: '401 1' };
const ACCEPTED: SignatureFate = { kind: 'accepted' };
const UNKNOWN: SignatureFate = { kind: 'unknown' };

/** Asks the gate for each fate in turn; what it said to the last question, after them. */
function after(...fates: readonly SignatureFate[]): string {
  const gate = new SigningGates().of(KEY);
  for (const fate of fates) {
    const permit = gate.enter();
    if (permit.kind === 'open') permit.settle(fate);
  }
  return gate.enter().kind;
}

describe('SigningGate: three refusals in a row', () => {
  it.each([
    ['none', [], 'open'],
    ['two', [REFUSED, REFUSED], 'open'],
    ['three', [REFUSED, REFUSED, REFUSED], 'stopped'],
    ['three with one accepted between', [REFUSED, REFUSED, ACCEPTED, REFUSED], 'open'],
    ['three with answers between that do not tell', [REFUSED, UNKNOWN, REFUSED, UNKNOWN, REFUSED], 'stopped'],
    ['any number that do not tell', [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN], 'open'],
  ])('%s', (_, fates, answer) => {
    expect(after(...fates)).toBe(answer);
  });

  it('stays stopped, whatever late answer comes, and says the last refusal', () => {
    const gate = new SigningGates().of(KEY);
    const permits = [gate.enter(), gate.enter(), gate.enter()].filter((permit) => permit.kind === 'open');
    permits[0]?.settle(ACCEPTED);
    const [fourth, fifth] = [gate.enter(), gate.enter()];
    for (const permit of permits.slice(1)) permit.settle(REFUSED);
    if (fifth.kind === 'open') fifth.settle({ kind: 'refused', blind: 'clock-skew', told: 'last' });
    if (fourth.kind === 'open') fourth.settle(ACCEPTED);
    expect(gate.enter()).toEqual({ kind: 'stopped', blind: 'clock-skew', told: 'last' });
  });

  it('lets no more go at once, unproven, than may be refused: four never can be', () => {
    const gate = new SigningGates().of(KEY);
    const answers = Array.from({ length: 5 }, () => gate.enter());
    expect(answers.map(({ kind }) => kind)).toEqual(['open', 'open', 'open', 'busy', 'busy']);
  });

  it('lets all go at once after one was accepted, and few again after one was refused', () => {
    const gate = new SigningGates().of(KEY);
    const first = gate.enter();
    if (first.kind === 'open') first.settle(ACCEPTED);
    const many = Array.from({ length: 10 }, () => gate.enter());
    expect(many.every(({ kind }) => kind === 'open')).toBe(true);
    if (many[0]?.kind === 'open') many[0].settle(REFUSED);
    expect(gate.enter().kind).toBe('busy');
  });
});

describe('SigningGates', () => {
  it('is one gate for a key wherever it is used, and another for another secret', () => {
    const gates = new SigningGates();
    expect(gates.of({ ...KEY })).toBe(gates.of({ ...KEY }));
    expect(gates.of({ ...KEY, secretKey: 'new' })).not.toBe(gates.of(KEY));
  });
});
