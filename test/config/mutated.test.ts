import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { environmentWith } from './loading.ts';

const CONFIG = join(import.meta.dirname, '../../config');
const CONTRACT = readFileSync(join(CONFIG, 'contracts/example-hosting.yaml'), 'utf8');
const EXAMPLE = readFileSync(join(CONFIG, 'examples/outside.yaml'), 'utf8').replace(
  'contract: outscale-secnumcloud',
  'contract: contract.yaml',
);

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.nat(12),
    put: fc.oneof(
      fc.constantFrom('\n', '\t', ': ', '- ', '{', ']', '"', '*oapi', '<<', '9', '\u0000', '\r'),
      fc.string(),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

function edited(text: string, changes: readonly { at: number; drop: number; put: string }[]): string {
  return changes.reduce((current, { at, drop, put }) => {
    const start = Math.floor(at * current.length);
    return current.slice(0, start) + put + current.slice(start + drop);
  }, text);
}

describe('loadConfig: whatever was mistyped', () => {
  it('never throws; says what is wrong at a place inside the file, or yields a configuration', () => {
    fc.assert(
      fc.property(edits, edits, fc.boolean(), (inConfig, inContract, breakContract) => {
        const files = {
          'vigie.yaml': edited(EXAMPLE, inConfig),
          'contract.yaml': breakContract ? edited(CONTRACT, inContract) : CONTRACT,
        };
        const { config, problems } = loadConfig('vigie.yaml', environmentWith(files));
        expect(config === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
        for (const { place } of problems) {
          const lines = Reflect.get(files, place.file)?.split('\n') ?? [];
          expect(place.line).toBeGreaterThanOrEqual(1);
          expect(place.line).toBeLessThanOrEqual(lines.length);
          expect(place.column).toBeGreaterThanOrEqual(1);
          expect(place.column).toBeLessThanOrEqual((lines[place.line - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: 150 },
    );
  });
});
