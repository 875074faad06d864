import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { VerdictEvent } from '../../src/core/verdict-events.ts';
import { createServer, type WebServer } from '../../src/web/server.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import { makeVerdict } from '../export/make-verdict.ts';
import { FakeClock } from '../fake-clock.ts';

const AT = 1_773_000_000_000;
const OPENED: VerdictEvent = {
  atMs: AT,
  row: 'sla4.api',
  scope: 'x\n\ndata: forged\n\nid: 9',
  kind: 'incident-opened',
  fromMs: AT,
  causes: ['timeout'],
};

const servers: WebServer[] = [];
const sockets: Socket[] = [];
const clock = new FakeClock(AT);

async function serve(): Promise<{ web: WebServer; port: number }> {
  const web = createServer({
    clock,
    listen: { host: '127.0.0.1', port: 0 },
    metrics: { render: () => Promise.resolve({ trouble: 'none' }) },
    notReady: () => [],
    verdicts: () => verdictsJson(0, []),
    checks: () => [],
    explain: () => Promise.resolve({ ok: false, detail: '' }),
    onError: (error) => expect.unreachable(error.message),
  });
  servers.push(web);
  return { web, port: (await web.start()).port };
}

/** What a client that follows has heard, and a way to wait for more. */
interface Follower {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly hears: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<unknown>;
}

async function follow(port: number, headers = ''): Promise<Follower> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  socket.on('error', () => undefined);
  const ended = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(`GET /api/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n${headers}\r\n`);
  const hears = (pattern: RegExp): Promise<void> =>
    expect.poll(() => heard, { timeout: 5_000, interval: 5 }).toMatch(pattern);
  await hears(/\r\n\r\n/);
  return { socket, heard: () => heard, hears, ended };
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((web) => web.stop()));
  // A heartbeat for nobody would go on for ever.
  if (clock.pending > 0) throw new Error('a timer is left');
});

const evaluation = (downtime = 0, events: readonly VerdictEvent[] = []) => ({
  atMs: AT,
  events,
  verdicts: [
    makeVerdict({ downtimeMs: { best: 0, estimate: downtime, worst: 0, raw: 0 } }),
    makeVerdict({ row: 'sla3.dns' }),
  ],
});

describe('GET /api/events as an event stream', () => {
  test('one who comes has all members, then those whose figures have changed', async () => {
    const { web, port } = await serve();
    web.publish(evaluation());
    const { heard, hears } = await follow(port);
    expect(heard()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(heard()).toMatch(/content-type: text\/event-stream; charset=utf-8\r\n/i);
    expect(heard()).toMatch(/cache-control: no-store\r\n/i);
    await hears(
      /retry: 3000\n\nevent: evaluation\ndata: \{"at":"[^"]+","members":\[\{"row":"sla4.api".*"row":"sla3.dns"/,
    );
    web.publish(evaluation(5));
    await hears(
      /"members":\[\{"row":"sla4.api","scope":"region","reading":"client","period":"2026-03","state":"on-track","downtimeMs":5,[^\]]*\]\}\n\n/,
    );
    expect(heard().match(/sla3\.dns/g)).toHaveLength(1);
  });

  test('an evaluation without news is told every five seconds, and a sign of life every fifteen', async () => {
    const { web, port } = await serve();
    web.publish(evaluation());
    const { heard, hears } = await follow(port);
    await hears(/members/);
    for (let second = 0; second < 15; second++) {
      web.publish(evaluation());
      await clock.advance(1_000);
    }
    await hears(/: still here\n\n/);
    expect(heard().match(/event: evaluation/g)).toHaveLength(4);
  });

  test('events have ids, are one message each whatever is said in them, and are told again to one who missed them', async () => {
    const { web, port } = await serve();
    web.publish(evaluation());
    const first = await follow(port);
    web.publish(evaluation(0, [OPENED, { ...OPENED, row: 'sla3.dns' }]));
    await first.hears(/sla3\.dns.*sla3\.dns/s);
    const ids = [...first.heard().matchAll(/^id: (\S+)\nevent: incident-opened\ndata: (.*)\n$/gm)];
    expect(ids).toHaveLength(2);
    expect(JSON.parse(ids[0]?.[2] ?? '')).toMatchObject({ scope: OPENED.scope, id: ids[0]?.[1] });
    const back = await follow(port, `Last-Event-ID: ${ids[0]?.[1]}\r\n`);
    await back.hears(/members/);
    expect([...back.heard().matchAll(/^id: (\S+)$/gm)].map(([, id]) => id)).toEqual([ids[1]?.[1]]);
    const lost = await follow(port, 'Last-Event-ID: of-another-run\r\n');
    await lost.hears(/event: lost\ndata: \{\}\n\n/);
  });

  test('as JSON without Accept: the latest, or those after an id', async () => {
    const { web, port } = await serve();
    web.publish(evaluation(0, [OPENED]));
    web.publish(evaluation(0, [{ ...OPENED, kind: 'state-changed', from: 'on-track', to: 'breached' }]));
    await clock.advance(1_000);
    const ask = async (query = '') =>
      (await (await fetch(`http://127.0.0.1:${port}/api/events${query}`)).json()) as {
        events: readonly { id: string }[];
      };
    const { events } = await ask();
    expect(events).toMatchObject([
      { kind: 'incident-opened' },
      { kind: 'state-changed', before: 'on-track', after: 'breached' },
    ]);
    expect(await ask(`?after=${events[0]?.id}`)).toEqual({ events: events.slice(1) });
    expect(await ask('?limit=1')).toEqual({ events: events.slice(1) });
  });

  test('two hundred may follow; the next is asked to come again', async () => {
    const { web, port } = await serve();
    web.publish(evaluation());
    const followers = await Promise.all(Array.from({ length: 200 }, () => follow(port)));
    const refused = await follow(port);
    expect(refused.heard()).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused.heard()).toMatch(/retry-after: 30\r\n/i);
    followers[0]?.socket.destroy();
    await expect.poll(async () => (await follow(port)).heard()).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('one who reads nothing is let go, and the others hear on', async () => {
    const { web, port } = await serve();
    const slow = await follow(port);
    slow.socket.pause();
    const other = await follow(port);
    const scope = 'x'.repeat(300_000);
    for (let i = 0; i < 40; i++) {
      web.publish({ atMs: AT, events: [{ ...OPENED, scope: `${i} ${scope}` }], verdicts: [] });
      await other.hears(new RegExp(`"scope":"${i} x`));
    }
    slow.socket.resume();
    await slow.ended;
    expect(other.socket.destroyed).toBe(false);
  });

  test('other rules, or the end of the server, end the stream', async () => {
    const { web, port } = await serve();
    const first = await follow(port);
    web.reconfigure({});
    await first.hears(/\r\n0\r\n\r\n$/);
    const second = await follow(port);
    const stopped = web.stop();
    await second.ended;
    await stopped;
  });
});
