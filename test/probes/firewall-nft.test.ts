import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firewallProbe } from '../../probes/firewall.ts';
import { type Classification, classify, type Expectations } from '../../src/core/expectation.ts';
import { type Inside, listenInside } from '../lab/inside.ts';
import { canMakeNamespaces, createNamespace, layCable } from '../servers/netns.ts';
import { findProgram } from '../servers/packages.ts';
import { type ProbeRunner, startProbeRunner } from '../servers/probe-in.ts';

const [NEAR, PEER] = ['198.18.8.1', '198.18.8.2'];
const [ALLOWED, DENIED, HEARTBEAT] = [2_022, 2_023, 2_024];
const SETTINGS = { host: PEER, allowed: { port: ALLOWED }, denied: { port: DENIED }, wait: '300ms' };
const WITH_HEARTBEAT = { ...SETTINGS, heartbeat: { port: HEARTBEAT } };

/** What is said of a port; `accept` where nothing is. */
type Verdict =
  | 'accept'
  | 'drop'
  | 'reject'
  | 'reject with tcp reset'
  | 'reject with icmp type admin-prohibited'
  | 'reject with icmp type net-unreachable';

interface Case {
  readonly name: string;
  readonly rules: Readonly<Partial<Record<'allowed' | 'denied' | 'heartbeat', Verdict>>>;
  readonly heartbeat?: true;
  readonly expect?: Expectations;
  readonly reads: string;
  /** The state of the denied port, where there is an answer. */
  readonly denied?: string;
}

const REJECT_RST = 'reject with tcp reset';
const DROPPED: Expectations = { denied: { is: 'silent' } };

const CASES: readonly Case[] = [
  { name: 'denied dropped', rules: { denied: 'drop' }, reads: 'good', denied: 'silent' },
  { name: 'denied rejected', rules: { denied: 'reject' }, reads: 'good', denied: 'refused' },
  { name: 'denied reset', rules: { denied: REJECT_RST }, reads: 'good', denied: 'refused' },
  {
    name: 'denied prohibited',
    rules: { denied: 'reject with icmp type admin-prohibited' },
    reads: 'good',
    denied: 'unreachable',
  },
  {
    name: 'denied by a router that has no way',
    rules: { denied: 'reject with icmp type net-unreachable' },
    reads: 'good',
    denied: 'unreachable',
  },
  { name: 'denied accepted', rules: {}, reads: 'bad unexpected', denied: 'open' },
  {
    name: 'denied reset where rules drop',
    rules: { denied: REJECT_RST },
    expect: DROPPED,
    reads: 'bad unexpected',
    denied: 'refused',
  },
  { name: 'allowed dropped', rules: { allowed: 'drop', denied: 'drop' }, reads: 'bad timeout' },
  { name: 'allowed reset', rules: { allowed: REJECT_RST, denied: 'drop' }, reads: 'bad refused' },
  { name: 'allowed rejected', rules: { allowed: 'reject', denied: 'drop' }, reads: 'bad refused' },
  {
    name: 'allowed prohibited',
    rules: { allowed: 'reject with icmp type admin-prohibited', denied: 'drop' },
    reads: 'bad connect',
  },
  {
    name: 'allowed dropped, its heartbeat answers',
    rules: { allowed: 'drop', denied: 'drop' },
    heartbeat: true,
    reads: 'bad timeout',
  },
  {
    name: 'rules swapped: allowed dropped, denied accepted',
    rules: { allowed: 'drop', heartbeat: 'drop' },
    heartbeat: true,
    reads: 'bad timeout',
  },
  {
    name: 'nothing passes, not even the heartbeat',
    rules: { allowed: 'drop', denied: 'drop', heartbeat: 'drop' },
    heartbeat: true,
    reads: 'absent local-resource',
  },
  {
    name: 'the heartbeat alone is dropped',
    rules: { denied: 'drop', heartbeat: 'drop' },
    heartbeat: true,
    reads: 'good',
    denied: 'silent',
  },
];

const PORTS = { allowed: ALLOWED, denied: DENIED, heartbeat: HEARTBEAT } as const;

function rulesetOf(rules: Case['rules']): string {
  const lines = Object.entries(PORTS).flatMap(([port, number]) => {
    const verdict = rules[port as keyof typeof PORTS];
    return verdict ? [`tcp dport ${number} ${verdict}`] : [];
  });
  return `flush ruleset; table inet security { chain group { type filter hook input priority 0; ${lines.join('; ')}; }; }`;
}

function wordsOf(classified: Classification): string {
  if (classified.outcome === 'good') return 'good';
  const why = classified.outcome === 'absent' ? classified.blind : classified.cause;
  return `${classified.outcome} ${why}`;
}

const CAN = canMakeNamespaces() && findProgram('nft') !== undefined;

describe.skipIf(!CAN)('firewall against nftables (needs root, iproute2 and nftables)', () => {
  const [near, peer] = CAN ? [createNamespace(), createNamespace()] : [];
  let runner: ProbeRunner;
  let listener: Inside | undefined;

  beforeAll(async () => {
    if (!near || !peer) return;
    layCable(
      { namespace: near, interface: 'near', address: `${NEAR}/24` },
      { namespace: peer, interface: 'peer', address: `${PEER}/24` },
    );
    listener = await listenInside(peer, ALLOWED, DENIED, HEARTBEAT);
    runner = startProbeRunner(near);
  });

  afterAll(async () => {
    await runner.close();
    await listener?.stop();
    near?.remove();
    peer?.remove();
  });

  async function classified(settings: object, expectations: Expectations = {}) {
    const kind = firewallProbe();
    const reading = await runner.probe('firewall', settings);
    const specs = kind.values(kind.settings.parse(settings));
    return { reading, words: wordsOf(classify(reading, { ...kind.defaults, ...expectations }, specs)) };
  }

  test.each(CASES)(
    'SLA4, $name: $reads',
    async ({ rules, heartbeat, expect: expectations, reads, denied }) => {
      peer?.run('nft', rulesetOf(rules));
      const seen = await classified(heartbeat ? WITH_HEARTBEAT : SETTINGS, expectations);
      expect(seen.words).toBe(reads);
      expect(seen.reading).toMatchObject(denied === undefined ? {} : { values: { allowed: 'open', denied } });
    },
  );

  test('no address of our own left: blind local-network, not the firewall’s', async () => {
    peer?.run('nft', rulesetOf({ denied: 'drop' }));
    near?.ip('address', 'flush', 'dev', 'near');
    const { words } = await classified(SETTINGS);
    near?.ip('address', 'add', `${NEAR}/24`, 'dev', 'near');
    expect(words).toBe('absent local-network');
  });

  test('the peer dies, cable and all: blind with a heartbeat', async () => {
    peer?.run('nft', rulesetOf({ denied: 'drop' }));
    peer?.ip('link', 'set', 'peer', 'down');
    const { words } = await classified(WITH_HEARTBEAT);
    peer?.ip('link', 'set', 'peer', 'up');
    expect(words).toBe('absent local-resource');
  });
});
