import { describe, expect, it } from 'vitest';
import { checksUnder } from '../../src/core/checks-under.ts';
import { configOf } from '../replay/config-from.ts';
import { FILES } from '../closing/staged-month.ts';

const [like] = configOf(FILES).checks;
if (!like) throw new Error('the month has checks');
const check = (id: string, row: string, scope: string) => ({ ...like, id, row, scope });
const measured = {
  checks: [
    check('left-out', 'web', 'one'),
    check('front', 'web', 'one'),
    check('ping', 'net', 'region'),
    check('plain', 'web', 'two'),
    check('mail', 'mail', 'two'),
  ],
  compositions: [
    { row: 'web', scope: 'one', bad: { all: ['ping', { any: ['front'] }] } },
    { row: 'mail', scope: 'one', bad: 'left-out' },
  ],
};

describe('checksUnder', () => {
  it.each([
    ['web', 'one', ['front', 'ping']],
    ['web', 'two', ['plain']],
    ['web', undefined, ['front', 'ping', 'plain']],
    ['mail', 'one', ['left-out']],
    ['mail', undefined, ['left-out', 'mail']],
    ['net', undefined, ['ping']],
    ['web', 'three', []],
    ['none', undefined, []],
  ])('of %s, %s: what the composition names, or else what names the member', (row, scope, expected) => {
    expect(checksUnder(measured, row, scope).map(({ id }) => id)).toEqual(expected);
  });
});
