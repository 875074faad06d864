import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dhcpProbe } from '../../probes/dhcp.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Reading } from '../../src/core/reading.ts';
import { DHCP_DAEMONS, SERVED, startDhcpDaemon } from '../servers/dhcp-daemon.ts';
import type { DhcpDaemon } from '../servers/dhcp-daemon.ts';
import { canMakeNamespaces, createNamespace, layCable } from '../servers/netns.ts';
import type { CableEnd } from '../servers/netns.ts';
import { findProgram } from '../servers/packages.ts';
import { startProbeRunner } from '../servers/probe-in.ts';
import type { ProbeRunner } from '../servers/probe-in.ts';

const SERVER = '10.77.0.1';
const CLIENT = '10.77.0.2';
/** An address of the client in a network that the server does not know. */
const STRANGER = '10.88.0.2';
const SILENT_MS = 300;
const NOBODY = 65_534;

interface Place {
  readonly server: CableEnd;
  readonly client: CableEnd;
  readonly runner: ProbeRunner;
}

function layPlace(): Place {
  const server = { namespace: createNamespace(), interface: 'vs', address: `${SERVER}/24` };
  const client = { namespace: createNamespace(), interface: 'vc', address: `${CLIENT}/24` };
  layCable(server, client);
  client.namespace.ip('address', 'add', `${STRANGER}/32`, 'dev', 'lo');
  server.namespace.ip('route', 'add', `${STRANGER}/32`, 'via', CLIENT);
  return { server, client, runner: startProbeRunner(client.namespace) };
}

async function leave({ server, client, runner }: Place): Promise<void> {
  await runner.close();
  for (const { namespace } of [server, client]) namespace.remove();
}

function verdictOn(reading: Reading): unknown {
  const kind = dhcpProbe();
  const verdict = classify(reading, kind.defaults, kind.values(kind.settings.parse({ server: SERVER })));
  return 'cause' in verdict ? verdict.cause : 'blind' in verdict ? verdict.blind : verdict.outcome;
}

const possible = canMakeNamespaces();
const SERVED_OPTIONS = { dns: [...SERVED.dns], domain: SERVED.domain, ntp: [...SERVED.ntp] };
const LEASE = {
  serverId: SERVER,
  leaseSeconds: SERVED.leaseSeconds,
  offeredAddress: expect.stringMatching(/^10\.77\.0\.[5-9]\d$/),
};

describe.each(DHCP_DAEMONS)('dhcp against %s', (program) => {
  const missing = !possible || !findProgram(program);
  describe.skipIf(missing)(`(needs network namespaces, and ${program})`, () => {
    let place: Place;
    let daemon: DhcpDaemon;
    const probe = (settings: object, deadlineMs?: number): Promise<Reading> =>
      place.runner.probe('dhcp', { server: SERVER, ...settings }, deadlineMs);

    beforeAll(async () => {
      place = layPlace();
      daemon = await startDhcpDaemon(program, place.server);
    });

    afterAll(async () => {
      await daemon.stop();
      await leave(place);
    });

    test('relay: an offer with all options, good by the defaults', async () => {
      const reading = await probe({});
      expect(reading).toMatchObject({
        kind: 'answer',
        values: { messageType: 'OFFER', ...LEASE, ...SERVED_OPTIONS },
      });
      expect(verdictOn(reading)).toBe('good');
    });

    test('relay, again: the same address, so that one at most is set aside (Kea sets none aside, and goes on)', async () => {
      const readings = [await probe({}), await probe({}), await probe({})];
      const offered = readings.map((seen) => seen.kind === 'answer' && seen.values?.['offeredAddress']);
      expect(new Set(offered).size).toBe(program === 'kea-dhcp4' ? 3 : 1);
    });

    test('relay with lease: acknowledged, and given back', async () => {
      const reading = await probe({ lease: true });
      expect(reading).toMatchObject({ kind: 'answer', values: { messageType: 'ACK', ...LEASE } });
      await expect.poll(() => daemon.log()).toMatch(/DHCPRELEASE|DHCP4_RELEASE(?!_FAIL)/);
    });

    test('inform from port 68: the options, and no address', async () => {
      const reading = await probe({ mode: 'inform' });
      expect(reading).toMatchObject({ kind: 'answer', values: { messageType: 'ACK', ...SERVED_OPTIONS } });
      expect(reading).not.toHaveProperty('values.offeredAddress');
    });

    test('inform from a high port: dnsmasq replies there, the others to port 68', async () => {
      const reading = await probe({ mode: 'inform', localPort: 0 }, SILENT_MS);
      expect(verdictOn(reading)).toBe(program === 'dnsmasq' ? 'good' : 'timeout');
    });

    test('from a network that the server does not know: silence, unless it is told which to serve', async () => {
      expect(verdictOn(await probe({ address: STRANGER }, SILENT_MS))).toBe('timeout');
      for (const selection of [{ linkSelection: '10.77.0.0' }, { subnetSelection: '10.77.0.0' }]) {
        const reading = await probe({ address: STRANGER, ...selection });
        expect(reading).toMatchObject({ kind: 'answer', values: { messageType: 'OFFER', ...LEASE } });
      }
    });

    test('broadcast: without a route we are blind, with one there is an offer', async () => {
      const settings = { server: '255.255.255.255', mode: 'broadcast' };
      expect(verdictOn(await probe(settings))).toBe('local-network');
      place.client.namespace.ip('route', 'add', '255.255.255.255/32', 'dev', place.client.interface);
      expect(await probe(settings)).toMatchObject({
        kind: 'answer',
        values: { messageType: 'OFFER', ...LEASE, ...SERVED_OPTIONS },
      });
    });

    test('a server that hangs: timeout; that goes on: good', async () => {
      daemon.freeze();
      const hanging = await probe({}, SILENT_MS);
      daemon.thaw();
      expect(verdictOn(hanging)).toBe('timeout');
      expect(verdictOn(await probe({}))).toBe('good');
    });
  });
});

describe.skipIf(!possible)('dhcp without a server (needs network namespaces)', () => {
  let place: Place;
  const probe = (settings: object = {}): Promise<Reading> =>
    place.runner.probe('dhcp', { server: SERVER, ...settings });

  beforeAll(() => {
    place = layPlace();
  });

  afterAll(() => leave(place));

  test.each(['relay', 'inform'])('%s: a closed port is refused', async (mode) => {
    expect(verdictOn(await probe({ mode }))).toBe('refused');
  });

  const ROUTES: readonly (readonly [string, string])[] = [
    ['unreachable', 'connect'],
    ['blackhole', 'local-network'],
    ['prohibit', 'local-network'],
  ];

  test.each(ROUTES)('a route that is %s: %s', async (type, verdict) => {
    const route = [type, '10.99.0.1/32'];
    place.client.namespace.ip('route', 'add', ...route);
    const reading = await probe({ server: '10.99.0.1' });
    place.client.namespace.ip('route', 'delete', ...route);
    expect(verdictOn(reading)).toBe(verdict);
  });

  test('no route at all: local-network', async () => {
    expect(verdictOn(await probe({ server: '10.99.0.1' }))).toBe('local-network');
  });

  async function asNobody(settings: object): Promise<Reading> {
    const runner = startProbeRunner(place.client.namespace, NOBODY);
    try {
      return await runner.probe('dhcp', { server: SERVER, ...settings });
    } finally {
      await runner.close();
    }
  }

  test.each([
    ['relay', 67, CLIENT],
    ['inform', 68, '0.0.0.0'],
  ])('%s without privilege: blind, and says which one it takes for port %i', async (mode, port, address) => {
    expect(await asNobody({ mode })).toEqual({
      kind: 'blind',
      blind: 'local-resource',
      detail: `cannot listen on UDP port ${port} of ${address} (EACCES): not permitted; it takes the capability CAP_NET_BIND_SERVICE, or net.ipv4.ip_unprivileged_port_start at ${port} or below`,
    });
  });

  test('ports 1067 and the sysctl need no privilege', async () => {
    expect(verdictOn(await asNobody({ port: 1_067, localPort: 1_067 }))).toBe('refused');
    place.client.namespace.sysctl('net.ipv4.ip_unprivileged_port_start', 67);
    expect(verdictOn(await asNobody({}))).toBe('refused');
  });
});
