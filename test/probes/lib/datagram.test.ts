import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { DatagramSockets } from '../../../probes/lib/datagram.ts';
import type { DatagramOutcome } from '../../../probes/lib/datagram.ts';
import { systemClock, systemRandom } from '../../../src/clock.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { handlesLeft, openHandles } from '../../contracts/open-handles.ts';
import { FakeClock } from '../../fake-clock.ts';
import { startDnsServer } from '../../servers/dns.ts';
import type { DnsServer, UdpScript } from '../../servers/dns.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(udp: UdpScript): Promise<DnsServer> {
  const server = await startDnsServer({ udp });
  cleanups.push(() => server.close());
  return server;
}

function socketsOf(): DatagramSockets {
  const sockets = new DatagramSockets();
  cleanups.push(() => sockets.close());
  return sockets;
}

interface Asking {
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly payload?: () => Uint8Array;
  readonly read?: (datagram: Buffer) => string | undefined;
}

function ask(
  sockets: DatagramSockets,
  { address, port }: { address: string; port: number },
  word: string,
  { clock = systemClock, signal = new AbortController().signal, ...request }: Asking = {},
): Promise<DatagramOutcome<string>> {
  const payload = () => Buffer.from(word);
  const read = (datagram: Buffer) => (datagram.toString() === word ? word : undefined);
  return sockets.exchange(
    { address, port, payload, read, ...request },
    { signal, clock, random: systemRandom },
  );
}

const echo: UdpScript = (query, reply) => reply(query);
const portsOf = (server: DnsServer): number => new Set(server.datagrams.map(({ fromPort }) => fromPort)).size;

describe('DatagramSockets', () => {
  test('exchanges at the same time share a socket, and each gets its own reply', async () => {
    const server = await serve(echo);
    const sockets = socketsOf();
    const words = ['a', 'b', 'c', 'd'];
    const outcomes = await Promise.all(words.map((word) => ask(sockets, server, word)));
    expect(outcomes.map((outcome) => outcome.kind === 'reply' && outcome.reply)).toEqual(words);
    expect(portsOf(server)).toBe(1);
  });

  test('a socket serves 64 exchanges', async () => {
    const server = await serve(echo);
    const sockets = socketsOf();
    for (let i = 0; i < 129; i++) await ask(sockets, server, String(i));
    expect(portsOf(server)).toBe(3);
  });

  test('a socket lives for 10 s, and is closed when another exchange finds it older', async () => {
    const server = await serve(echo);
    const other = await serve(echo);
    const sockets = socketsOf();
    const clock = new FakeClock();
    const before = openHandles();
    await ask(sockets, server, 'a', { clock });
    await clock.advance(9_999);
    await ask(sockets, server, 'b', { clock });
    expect(portsOf(server)).toBe(1);
    await clock.advance(1);
    await ask(sockets, other, 'c', { clock });
    expect(
      await handlesLeft(before).then((left) => left.filter((name) => name.startsWith('socket:'))),
    ).toHaveLength(1);
    await ask(sockets, server, 'd', { clock });
    expect(portsOf(server)).toBe(2);
  });

  test('after an abort the next exchange has a new port; one that shared the old goes on', async () => {
    const server = await serve((query, reply) => {
      if (query.toString() !== 'lost') setTimeout(() => reply(query), 50);
    });
    const sockets = socketsOf();
    const deadline = new AbortController();
    const lost = ask(sockets, server, 'lost', { signal: deadline.signal });
    const slow = ask(sockets, server, 'slow');
    await pause(20);
    deadline.abort();
    expect(await lost).toMatchObject({ kind: 'aborted' });
    const next = ask(sockets, server, 'next');
    expect(await slow).toMatchObject({ kind: 'reply', reply: 'slow' });
    expect(await next).toMatchObject({ kind: 'reply', reply: 'next' });
    expect(portsOf(server)).toBe(2);
  });

  test('a port that nobody listens at fails all on the socket; the next exchange finds who came to listen', async () => {
    const server = await startDnsServer({});
    await server.close();
    const sockets = socketsOf();
    const outcomes = await Promise.all(['a', 'b'].map((word) => ask(sockets, server, word)));
    expect(outcomes).toMatchObject([
      { kind: 'failed', error: { code: 'ECONNREFUSED' } },
      { kind: 'failed', error: { code: 'ECONNREFUSED' } },
    ]);
    const returned = createSocket('udp4').bind(server.port, server.address);
    returned.on('message', (query, from) => returned.send(query, from.port, from.address));
    await once(returned, 'listening');
    cleanups.push(async () => {
      await once(returned.close(), 'close');
    });
    expect(await ask(sockets, server, 'c')).toMatchObject({ kind: 'reply', reply: 'c' });
  });

  test('an address that this machine refuses to send to: failed, with the code', async () => {
    const outcome = await ask(socketsOf(), { address: '255.255.255.255', port: 9 }, 'a');
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'EACCES' } });
  });

  test('an abort before the socket is connected sends nothing', async () => {
    const server = await serve(echo);
    const deadline = new AbortController();
    const sockets = socketsOf();
    const outcome = ask(sockets, server, 'a', { signal: deadline.signal });
    deadline.abort();
    expect(await outcome).toMatchObject({ kind: 'aborted' });
    // What was sent before it has come before it.
    expect(await ask(sockets, server, 'b')).toMatchObject({ kind: 'reply' });
    expect(server.received()).toBe(1);
  });

  test('a signal that is aborted already sends nothing', async () => {
    const server = await serve(echo);
    const sockets = socketsOf();
    expect(await ask(sockets, server, 'a', { signal: AbortSignal.abort() })).toMatchObject({
      kind: 'aborted',
    });
    expect(await ask(sockets, server, 'b')).toMatchObject({ kind: 'reply' });
    expect(server.received()).toBe(1);
  });

  test('a reader or a payload that throws is a bug: rejects, and disturbs nobody else', async () => {
    const server = await serve(echo);
    const sockets = socketsOf();
    const bug = (): never => {
      throw new Error('bug');
    };
    const outcomes = await Promise.allSettled([
      ask(sockets, server, 'a', { read: bug }),
      ask(sockets, server, 'b', { payload: bug }),
      ask(sockets, server, 'c'),
      ask(sockets, server, 'c'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
  });

  test('close abandons what goes on; an exchange after it is a bug', async () => {
    const server = await serve(() => undefined);
    const sockets = new DatagramSockets();
    const before = openHandles();
    const running = ask(sockets, server, 'a');
    await pause(20);
    await sockets.close();
    expect(await running).toMatchObject({ kind: 'aborted' });
    expect(await handlesLeft(before)).toEqual([]);
    await expect(ask(sockets, server, 'b')).rejects.toThrow('exchange after close');
  });
});
