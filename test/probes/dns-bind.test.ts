import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dnsProbe } from '../../probes/dns.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Reading, Value } from '../../src/core/reading.ts';
import { selfSigned } from '../servers/certificate.ts';
import { startNamed } from '../servers/named.ts';
import type { Named } from '../servers/named.ts';
import { findProgram } from '../servers/packages.ts';

const DAY_MS = 86_400_000;
const ZONE = 'sla.test';
const ZONE_FILE = `
$ORIGIN sla.test.
$TTL 300
@     SOA ns Host\\.Master.sla.test. 7 3600 600 86400 30
@     NS ns
@     NS NS2.Example.ORG.
@     MX 20 mx2
@     MX 10 mx1
@     CAA 0 issue "ca.example.net; policy=ev"
@     TXT "v=spf1 -all"
@     TXT "two " "strings" "\\007"
ns    A 127.0.0.1
www   30 A 192.0.2.20
www   30 A 192.0.2.10
www   AAAA 2001:db8:0:0:0:0:0:1
www   AAAA 2001:DB8:0:1:1:1:1:1
alias CNAME chain
chain CNAME www
away  CNAME www.other.test.
_dns._udp SRV 5 50 5353 ns
4.3.2.1.in-addr PTR host.sla.test.
big   TXT ${Array.from({ length: 6 }, () => `"${'a'.repeat(250)}"`).join(' ')}
`;

const kind = dnsProbe();
const credentials = selfSigned({
  names: ['dns.test', '127.0.0.1'],
  fromMs: Date.now() - DAY_MS,
  toMs: Date.now() + DAY_MS,
});
let named: Named;

function ask(settings: object): Promise<Reading> {
  const whole = { server: named.address, port: named.port, name: `www.${ZONE}`, ...settings };
  const context = { signal: new AbortController().signal, clock: systemClock, random: systemRandom };
  return kind.configure(kind.settings.parse(whole)).run(context);
}

async function valuesOf(settings: object): Promise<Readonly<Record<string, Value>>> {
  const reading = await ask(settings);
  expect(reading).toMatchObject({ kind: 'answer' });
  return reading.kind === 'answer' ? (reading.values ?? {}) : {};
}

describe.skipIf(!findProgram('named'))('dnsProbe against bind9 (needs named from bind9)', () => {
  beforeAll(async () => {
    named = await startNamed(ZONE, ZONE_FILE, credentials);
  });

  afterAll(async () => {
    await kind.close();
    await named.stop();
  });

  const RECORDS: readonly (readonly [string, string, readonly string[]])[] = [
    ['A', 'www.sla.test', ['192.0.2.10', '192.0.2.20']],
    ['AAAA', 'www.sla.test', ['2001:db8:0:1:1:1:1:1', '2001:db8::1']],
    ['A', 'ALIAS.sla.test.', ['192.0.2.10', '192.0.2.20']],
    ['CNAME', 'alias.sla.test', ['chain.sla.test']],
    ['NS', 'sla.test', ['ns.sla.test', 'ns2.example.org']],
    ['MX', 'sla.test', ['10 mx1.sla.test', '20 mx2.sla.test']],
    ['SRV', '_dns._udp.sla.test', ['5 50 5353 ns.sla.test']],
    ['PTR', '4.3.2.1.in-addr.sla.test', ['host.sla.test']],
    ['CAA', 'sla.test', ['0 issue "ca.example.net; policy=ev"']],
    ['TXT', 'sla.test', ['two strings\\007', 'v=spf1 -all']],
    ['SOA', 'sla.test', ['ns.sla.test host\\.master.sla.test 7 3600 600 86400 30']],
  ];

  test.each(RECORDS)('%s of %s', async (type, name, answers) => {
    expect(await valuesOf({ type, name })).toMatchObject({
      rcode: 'NOERROR',
      answers,
      answerCount: answers.length,
      authoritative: true,
      truncated: false,
    });
  });

  test.each(['udp', 'tcp', 'tls'])('over %s: the same answer, good by the defaults', async (transport) => {
    const tls = { port: named.tlsPort, tls: { ca: credentials.cert, serverName: 'dns.test' } };
    const settings = { transport, ...(transport === 'tls' ? tls : {}) };
    const reading = await ask(settings);
    expect(reading).toMatchObject({
      kind: 'answer',
      values: { answers: ['192.0.2.10', '192.0.2.20'], ttl: 30, transport },
    });
    const specs = kind.values(kind.settings.parse({ server: 'a', name: 'a' }));
    expect(classify(reading, kind.defaults, specs)).toMatchObject({ outcome: 'good' });
  });

  const CODES: readonly (readonly [string, string, string])[] = [
    ['a name that does not exist', 'nope.sla.test', 'NXDOMAIN'],
    ['a zone of others', 'www.other.example', 'REFUSED'],
    ['a type that the name has not', 'ns.sla.test', 'NOERROR'],
  ];

  test.each(CODES)('%s: no records, and bad by the defaults', async (_what, name, rcode) => {
    const reading = await ask({ name, type: 'AAAA' });
    expect(reading).toMatchObject({ kind: 'answer', values: { rcode, answers: [], answerCount: 0 } });
    const specs = kind.values(kind.settings.parse({ server: 'a', name: 'a' }));
    const cause = rcode === 'NOERROR' ? 'content' : 'rcode';
    expect(classify(reading, kind.defaults, specs)).toMatchObject({ outcome: 'bad', cause });
  });

  test('an alias that leads out of the zone has no address: content, not rcode', async () => {
    expect(await valuesOf({ name: 'away.sla.test' })).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  test.each([0, 1_232])('a TXT of 1.5 kB with EDNS %i: truncated over UDP, whole over TCP', async (edns) => {
    const values = await valuesOf({ name: 'big.sla.test', type: 'TXT', edns });
    expect(values).toMatchObject({ answers: ['a'.repeat(1_500)], truncated: true, transport: 'tcp' });
  });

  test('a TXT of 1.5 kB with EDNS 4096 fits into UDP', async () => {
    const values = await valuesOf({ name: 'big.sla.test', type: 'TXT', edns: 4_096 });
    expect(values).toMatchObject({ answerCount: 1, truncated: false, transport: 'udp' });
  });
});
