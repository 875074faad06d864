import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Reading } from '../../src/core/reading.ts';
import { canMakeNamespaces, createNamespace, type NamespaceProcess } from '../servers/netns.ts';
import { findProgram } from '../servers/packages.ts';
import { type ProbeRunner, startProbeRunner } from '../servers/probe-in.ts';
import { type DelayLine, layDelayLine } from './delay-line.ts';
import type { FaultyRegion } from './faulty-region.ts';
import { type Inside, startInside } from './inside.ts';
import { type Look, looksAt, type RegionLooks, wordsOf } from './region-looks.ts';

const REGION = join(import.meta.dirname, 'faulty-region.ts');
const MAIN = join(import.meta.dirname, '../../src/main.ts');
const [NEAR, FAR, OTHER] = ['198.18.6.1', '198.18.6.2', '198.18.6.3'];
const RUNNERS = 3;
const DEADLINE_MS = 700;
const PATIENT_MS = 5_000;

const CAN =
  canMakeNamespaces() &&
  existsSync('/dev/net/tun') &&
  findProgram('python3') !== undefined &&
  findProgram('nft') !== undefined;

describe.skipIf(!CAN)(
  'faults between us and a region, and in it (needs root, iproute2, nftables, python3 and TUN)',
  () => {
    const [near, far] = CAN ? [createNamespace(), createNamespace()] : [];
    let line: DelayLine;
    let looks: RegionLooks;
    let server: NamespaceProcess | undefined;
    let reflector: Inside | undefined;
    let runners: readonly ProbeRunner[] = [];
    let turn = 0;

    beforeAll(async () => {
      if (!near || !far) return;
      line = await layDelayLine(
        { namespace: near, address: `${NEAR}/24` },
        { namespace: far, address: `${FAR}/24` },
      );
      far.ip('address', 'add', `${OTHER}/32`, 'dev', 'lo');
      // The kernel would else reject so many a second and drop the rest.
      far.sysctl('net.ipv4.icmp_ratelimit', 0);
      server = far.spawn(process.execPath, REGION, FAR, OTHER);
      server.stderr.on('data', (text) => process.stderr.write(text));
      const [said] = await once(createInterface({ input: server.stdout }), 'line');
      const region: FaultyRegion = JSON.parse(String(said));
      looks = looksAt(region, FAR);
      const reflecting = ['reflect', '--listen', FAR, '--peer', NEAR, '--rate', '1000'];
      reflector = await startInside(far, process.execPath, MAIN, ...reflecting);
      runners = Array.from({ length: RUNNERS }, () => startProbeRunner(near));
    });

    afterEach(async () => {
      far?.run('nft', 'flush ruleset');
      await line.set(0);
    });

    afterAll(async () => {
      await Promise.all(runners.map((runner) => runner.close()));
      await reflector?.stop();
      if (server) {
        server.kill('SIGKILL');
        await once(server, 'close');
      }
      await line.close();
      near?.remove();
      far?.remove();
    });

    async function look(asked: Look): Promise<{ readonly words: string; readonly reading: Reading }> {
      const runner = runners[turn++ % RUNNERS];
      if (!runner) throw new Error('no runner');
      const reading = await runner.probe(asked.kind, asked.with, asked.deadlineMs ?? DEADLINE_MS);
      return { words: wordsOf(asked, reading), reading };
    }

    /** What each look comes to, by its name. */
    async function table(looks: Readonly<Record<string, Look>>): Promise<Readonly<Record<string, string>>> {
      const rows = Object.entries(looks).map(
        async ([name, asked]) => [name, (await look(asked)).words] as const,
      );
      return Object.fromEntries(await Promise.all(rows));
    }

    const all = (words: string, other: Readonly<Record<string, string>> = {}) => ({
      ...Object.fromEntries(Object.keys(looks.right).map((name) => [name, words])),
      ...other,
    });
    const lookingWith = (more: Partial<Look>): Readonly<Record<string, Look>> =>
      Object.fromEntries(Object.entries(looks.right).map(([name, asked]) => [name, { ...asked, ...more }]));
    const rules = (verdict: string): void =>
      void far?.run(
        'nft',
        `table inet fault { chain arrive { type filter hook input priority 0; ip saddr ${NEAR} ${verdict}; }; }`,
      );
    const deviceOf = (namespace: typeof near): string =>
      /\d+: (d[nf]\d+)/.exec(namespace?.run('ip', '-o', 'link', 'show') ?? '')?.[1] ?? '';

    test('no fault: all are good', async () => {
      expect(await table(lookingWith({ deadlineMs: PATIENT_MS }))).toEqual(all('good'));
    });

    test('theirs: what we send is dropped', async () => {
      rules('drop');
      expect(await table(looks.right)).toEqual(all('bad timeout'));
    });
    test('theirs: what we send is rejected', async () => {
      rules('reject');
      expect(await table(looks.right)).toEqual(all('bad refused'));
    });
    test('theirs: what we send is prohibited', async () => {
      rules('reject with icmp type admin-prohibited');
      expect(await table(looks.right)).toEqual(all('bad connect'));
    });
    test('theirs: their link is down', async () => {
      const device = deviceOf(far);
      far?.ip('link', 'set', device, 'down');
      const seen = await table(looks.right);
      far?.ip('link', 'set', device, 'up');
      expect(seen).toEqual(all('bad timeout'));
    });
    test('theirs: half-open, the kernel takes connections and nobody answers them', async () => {
      server?.kill('SIGSTOP');
      const seen = await table(looks.right);
      server?.kill('SIGCONT');
      expect(seen).toEqual(all('bad timeout', { latency: 'good' }));
    });

    test('ours: our link is down', async () => {
      const device = deviceOf(near);
      near?.ip('link', 'set', device, 'down');
      const seen = await table(looks.right);
      near?.ip('link', 'set', device, 'up');
      expect(seen).toEqual(all('absent local-network'));
    });
    test('ours: our address is gone', async () => {
      const device = deviceOf(near);
      near?.ip('address', 'flush', 'dev', device);
      const seen = await table(looks.right);
      near?.ip('address', 'add', `${NEAR}/24`, 'dev', device);
      expect(seen).toEqual(all('absent local-network'));
    });
    test.each(['blackhole', 'prohibit'])('ours: a route that is %s', async (type) => {
      near?.ip('route', 'add', type, `${FAR}/32`);
      const seen = await table(looks.right);
      near?.ip('route', 'delete', type, `${FAR}/32`);
      expect(seen).toEqual(all('absent local-network'));
    });

    test('a path that takes 60 ms: good, and slow where less is expected', async () => {
      await line.set(60);
      expect(await table(lookingWith({ deadlineMs: PATIENT_MS }))).toEqual(all('good'));
      expect(
        await table(lookingWith({ deadlineMs: PATIENT_MS, expect: { latency: { below: 60 } } })),
      ).toEqual(all('bad slow'));
    });
    test('a path that takes longer than the deadline', async () => {
      await line.set(1_000);
      expect(await table(looks.right)).toEqual(all('bad timeout'));
    });
    test('a path that loses a tenth: good in one of four attempts', async () => {
      await line.set(0, 0.1);
      const patient = lookingWith({ deadlineMs: PATIENT_MS });
      const storage = { ...looks.right['object-storage'], expect: { slowestMs: { below: PATIENT_MS } } };
      const tried = { ...patient, 'object-storage': { ...storage, deadlineMs: PATIENT_MS } };
      const seen = await Promise.all([1, 2, 3, 4].map(() => table(tried)));
      const best = Object.keys(tried).map((name) => [
        name,
        seen.some((each) => each[name] === 'good') ? 'good' : 'bad',
      ]);
      expect(Object.fromEntries(best)).toEqual(all('good'));
      expect(
        seen.flatMap((each) => Object.values(each)).filter((words) => words.startsWith('absent')),
      ).toEqual([]);
    });

    test('certificates: of another name, and expired: bad tls, whoever asks', async () => {
      const https = (name: 'tlsOtherName' | 'tlsExpired', ca: string): Readonly<Record<string, Look>> => {
        const endpoint = `https://${FAR}:${looks.port(name)}`;
        return {
          http: { kind: 'http', with: { url: `${endpoint}/`, tls: { ca } } },
          dns: {
            kind: 'dns',
            with: { ...looks.query, port: looks.port(name), transport: 'tls', tls: { ca } },
          },
          'outscale-api': { kind: 'outscale-api', with: looks.api(endpoint, { ca }) },
          'object-storage': { kind: 'object-storage', with: looks.s3(endpoint, { tls: { ca } }) },
        };
      };
      const refused = {
        http: 'bad tls',
        dns: 'bad tls',
        'outscale-api': 'bad tls',
        'object-storage': 'bad tls',
      };
      expect(await table(https('tlsOtherName', looks.ca.otherName))).toEqual(refused);
      expect(await table(https('tlsExpired', looks.ca.expired))).toEqual(refused);
    });

    test('wrong time: bad of a time server, and of an API not to be told from our own clock’s', async () => {
      const ntp = { server: FAR, port: looks.port('ntpAhead'), exchanges: 2, spacing: '50ms' };
      expect(
        await table({
          ntp: { kind: 'ntp', with: ntp, expect: { offsetAbsMs: { below: 100 } } },
          'outscale-api': { kind: 'outscale-api', with: looks.api(looks.url('apiFast')) },
        }),
      ).toEqual({ ntp: 'bad offset', 'outscale-api': 'absent clock-skew' });
    });

    test('an answer that drips is a timeout at the deadline', async () => {
      expect(
        await table({
          http: { kind: 'http', with: { url: `${looks.url('drip')}/` } },
          dns: { kind: 'dns', with: { ...looks.query, port: looks.port('drip'), transport: 'tcp' } },
          metadata: { kind: 'metadata', with: { url: `${looks.url('drip')}/latest/meta-data/` } },
          'outscale-api': { kind: 'outscale-api', with: looks.api(looks.url('drip')) },
          'object-storage': { kind: 'object-storage', with: looks.s3(looks.url('drip')) },
        }),
      ).toEqual(
        Object.fromEntries(
          ['http', 'dns', 'metadata', 'outscale-api', 'object-storage'].map((name) => [name, 'bad timeout']),
        ),
      );
    });

    test('100 MB: reading stops at its limit, long before', async () => {
      const floods: Readonly<Record<string, Look>> = {
        http: { kind: 'http', with: { url: `${looks.url('flood')}/` } },
        metadata: { kind: 'metadata', with: { url: `${looks.url('flood')}/latest/meta-data/` } },
        'outscale-api': { kind: 'outscale-api', with: looks.api(looks.url('flood')) },
        'object-storage': {
          kind: 'object-storage',
          with: looks.s3(looks.url('flood'), { operations: ['get'] }),
        },
      };
      const seen = await Promise.all(
        Object.values(floods).map((each) => look({ ...each, deadlineMs: PATIENT_MS })),
      );
      expect(seen.map(({ words }) => words)).toEqual(seen.map(() => 'bad protocol'));
    });

    test('a reply from a wrong address is none', async () => {
      const ntp = { server: FAR, port: looks.port('otherAddressNtp'), exchanges: 1 };
      expect(
        await table({
          dns: { kind: 'dns', with: { ...looks.query, port: looks.port('otherAddressDns') } },
          ntp: { kind: 'ntp', with: ntp },
        }),
      ).toEqual({ dns: 'bad timeout', ntp: 'bad timeout' });
    });

    test('when it is over, all are good again', async () => {
      await pause(100);
      expect(await table(lookingWith({ deadlineMs: PATIENT_MS }))).toEqual(all('good'));
    });
  },
);
