import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCursor } from '../../src/judge/byte-cursor.ts';

/** One byte after the other. */
function slowEnd(bytes: Uint8Array, value: number, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] !== value) return at;
  return value === 0 ? Infinity : bytes.length;
}

describe('ByteCursor', () => {
  const runs = fc.array(fc.tuple(fc.constantFrom(0x00, 0xff, 0x10), fc.integer({ min: 1, max: 11 })), {
    maxLength: 12,
  });

  it('finds what a look at every byte finds, aligned or not, however far it is asked from (fast-check)', () => {
    const steps = fc.array(fc.nat(9), { maxLength: 30 });
    fc.assert(
      fc.property(runs, fc.nat(5), fc.constantFrom(0x00, 0xff), steps, (given, offset, value, ahead) => {
        const plain = given.flatMap(([byte, count]) => new Array<number>(count).fill(byte));
        // What lies before and behind the view is of the value that is looked for.
        const memory = new Uint8Array(offset + plain.length + 8).fill(value);
        memory.set(plain, offset);
        const bytes = memory.subarray(offset, offset + plain.length);
        const cursor = new ByteCursor(bytes, value === 0 ? 0x00 : 0xff);
        let from = 0;
        for (const step of ahead) {
          from += step;
          expect(cursor.endFrom(from)).toBe(Math.max(from, slowEnd(bytes, value, from)));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
