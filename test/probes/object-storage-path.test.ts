import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whileBusy } from '../lab/burners.ts';
import { type DelayLine, layDelayLine } from '../lab/delay-line.ts';
import { type Inside, startInside } from '../lab/inside.ts';
import { ACCOUNT } from '../lab/s3-server.ts';
import { slotsInside } from '../lab/slots-inside.ts';
import { canMakeNamespaces, createNamespace } from '../servers/netns.ts';
import { findProgram } from '../servers/packages.ts';

const SERVER = join(import.meta.dirname, '../lab/s3-server.ts');
const [NEAR, FAR] = ['198.18.8.1', '198.18.8.2'];
const PORT = 9_000;
/** As many as there are minutes in the criterion. */
const SLOTS = 200;
const WARM_UP_SLOTS = 20;

const CAN = canMakeNamespaces() && existsSync('/dev/net/tun') && findProgram('python3') !== undefined;

describe.skipIf(!CAN)(
  'object storage through a path of known delay (needs root, iproute2, python3 and TUN)',
  () => {
    const [near, far] = CAN ? [createNamespace(), createNamespace()] : [];
    let line: DelayLine;
    let server: Inside;

    beforeAll(async () => {
      if (!near || !far) return;
      line = await layDelayLine(
        { namespace: near, address: `${NEAR}/24` },
        { namespace: far, address: `${FAR}/24` },
      );
      server = await startInside(far, process.execPath, SERVER, FAR, String(PORT));
      await slots(WARM_UP_SLOTS, 1);
    });

    afterAll(async () => {
      await server.stop();
      await line.close();
      near?.remove();
      far?.remove();
    });

    async function slots(count: number, attempts: number): Promise<readonly string[]> {
      if (!near) return [];
      const { accessKey, region, bucket } = ACCOUNT;
      const where = { endpoint: `http://${FAR}:${PORT}`, region, bucket, accessKey };
      const settings = { ...where, secretKey: { env: 'ANY' }, operations: ['get'] };
      const check = { kind: 'object-storage', settings, expectations: {}, timeoutMs: 5_000, attempts };
      return slotsInside(near, { ...check, slots: count, together: 5 });
    }

    // A slot is bad only if every attempt was too slow: one attempt is enough to show it, three are not to.
    test.each([
      [195, 'good', 'bad', 3],
      [205, 'bad slow', 'good', 1],
    ])(
      '%d ms, every core busy: no slot of 200 is taken for the other side of 200 ms (SLA6): %s, never %s',
      async (delayMs, right, wrong, attempts) => {
        await line.set(delayMs);
        const outcomes = await whileBusy(() => slots(SLOTS, attempts));
        const of = (outcome: string): readonly string[] =>
          outcomes.filter((each) => each.startsWith(outcome));
        expect(of(wrong)).toEqual([]);
        // What our own lateness leaves in doubt is absent.
        expect(of(right).length + of('absent loop-late').length).toBeGreaterThanOrEqual(SLOTS);
        expect(of(right).length, 'slots decided').toBeGreaterThan(0);
      },
      120_000,
    );
  },
);
