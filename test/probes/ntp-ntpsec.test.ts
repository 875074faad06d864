import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ntpProbe } from '../../probes/ntp.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Reading } from '../../src/core/reading.ts';
import { canMakeNamespaces, createNamespace } from '../servers/netns.ts';
import { type NtpsecServer, startNtpsec, unpackNtpsec } from '../servers/ntpsec.ts';
import { type ProbeRunner, startProbeRunner } from '../servers/probe-in.ts';

const SERVER = '198.18.9.1';
/** Another address of the server: who asks there comes from there. */
const ASIDE = '127.0.0.1';
const UNLIMITED = `restrict ${ASIDE} nomodify`;
const LIMIT = 'limit average 0.5 burst 2 kod 5';
/** A server of its own orphaned network says so from a second on. */
const ORPHAN = 'tos orphan 5 orphanwait 1';
const DEADLINE_MS = 3_000;

const ntpsec = canMakeNamespaces() ? unpackNtpsec() : undefined;

function told(reading: Reading): string {
  const kind = ntpProbe();
  const { defaults, settings } = kind;
  const classified = classify(reading, defaults, kind.values(settings.parse({ server: SERVER })));
  return 'cause' in classified ? `${classified.outcome} ${classified.cause}` : classified.outcome;
}

describe.skipIf(!ntpsec)('ntp against NTPsec (needs root, iproute2 and ntpd from ntpsec)', () => {
  const namespace = ntpsec ? createNamespace() : undefined;
  let runner: ProbeRunner | undefined;
  let server: NtpsecServer | undefined;

  async function start(...lines: readonly string[]): Promise<void> {
    if (ntpsec && namespace) server = await startNtpsec(ntpsec, namespace, ...lines);
  }

  async function look(exchanges: number, host = SERVER): Promise<Reading> {
    if (!runner) throw new Error('no runner');
    return runner.probe('ntp', { server: host, spacing: '50ms', exchanges }, DEADLINE_MS);
  }

  /** Asks from another address, which no limit concerns, until the outcome is the one that is waited for. */
  async function until(outcome: string): Promise<Reading> {
    for (let asked = 0; asked < 60; asked++) {
      const reading = await look(1, ASIDE);
      if (told(reading) === outcome) return reading;
      await pause(200);
    }
    throw new Error(`never ${outcome}`);
  }

  beforeAll(() => {
    if (!namespace) return;
    namespace.ip('address', 'add', `${SERVER}/32`, 'dev', 'lo');
    runner = startProbeRunner(namespace);
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  afterAll(async () => {
    await runner?.close();
    namespace?.remove();
  });

  it('in orphan mode at stratum 5: good', async () => {
    await start(ORPHAN, 'restrict default nomodify');
    expect(await until('good')).toMatchObject({ values: { stratum: 5, leap: 'none', synchronised: true } });
  });

  it('without a source: leap indicator 3, stratum 0 and INIT: bad unsynchronised', async () => {
    await start('restrict default nomodify');
    expect(await until('bad unsynchronised')).toMatchObject({ values: { stratum: 0 } });
  });

  it('asked too often: RATE (RFC 5905 §7.4) ends the burst; what was answered before it counts', async () => {
    await start(ORPHAN, LIMIT, 'restrict default limited kod nomodify', UNLIMITED);
    await until('good');
    const first = await look(8);
    expect([told(first), first]).toMatchObject(['good', { evidence: { kiss: 'RATE' } }]);
    expect(first.kind === 'answer' && Number(first.values?.['exchanges'])).toBeLessThan(8);
    const second = await look(1);
    expect([told(second), second.detail]).toEqual([
      'excluded throttled',
      expect.stringContaining("kiss-o'-death RATE"),
    ]);
  });

  it('noserve: who is not served hears nothing: bad timeout', async () => {
    await start(ORPHAN, 'restrict default noserve kod', UNLIMITED);
    await until('good');
    expect(told(await look(2))).toBe('bad timeout');
  });
});
