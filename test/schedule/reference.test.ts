import { once } from 'node:events';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { EGRESS_DEADLINE_MS, EgressGuard } from '../../src/schedule/egress.ts';
import { askByTcp } from '../../src/schedule/reference.ts';
import { FakeClock } from '../fake-clock.ts';

const NEVER = new AbortController().signal;
const host = '127.0.0.1';
const cleanups: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

async function listening(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(0, host);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  cleanups.push(close);
  return { port: (server.address() as AddressInfo).port, close };
}

const BUSY_LISTENER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** A port whose queue is full: the kernel drops every further SYN, as a lost network would. Linux. */
async function silentPort(): Promise<number> {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, ['-e', BUSY_LISTENER]);
  cleanups.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(printed.toString());
  const fillers: Socket[] = Array.from({ length: 8 }, () =>
    connect({ port, host }).on('error', () => undefined),
  );
  cleanups.push(() => {
    for (const filler of fillers) filler.destroy();
  });
  await pause(200);
  return port;
}

describe('askByTcp', () => {
  it('alive, with its address, when a connection stands', async () => {
    const { port } = await listening();
    expect(await askByTcp({ host, port }, NEVER)).toEqual({ kind: 'alive', address: host });
  });

  it('alive when it refuses: a reset came over the network', async () => {
    const { port, close } = await listening();
    await close();
    expect(await askByTcp({ host, port }, NEVER)).toEqual({ kind: 'alive', address: host });
  });

  it('alive by name, with the address that the name had', async () => {
    const { port } = await listening();
    const answer = await askByTcp({ host: 'localhost', port }, NEVER);
    expect(answer).toMatchObject({ kind: 'alive', address: expect.stringMatching(/^(?:127\.0\.0\.1|::1)$/) });
  });

  it.skipIf(process.platform !== 'linux').each([host, 'localhost'])(
    '%s: silent when nothing comes back',
    async (host) => {
      const port = await silentPort();
      const deadline = new AbortController();
      const asking = askByTcp({ host, port }, deadline.signal);
      const first = await Promise.race([asking, pause(300, 'still waiting')]);
      deadline.abort();
      expect([first, await asking]).toEqual(['still waiting', { kind: 'silent' }]);
    },
  );

  it('unasked when the name is not resolved: that says nothing of our network', async () => {
    expect(await askByTcp({ host: 'x'.repeat(64), port: 443 }, NEVER)).toEqual({ kind: 'unasked' });
  });

  it('unasked when aborted before it began', async () => {
    const { port } = await listening();
    expect(await askByTcp({ host, port }, AbortSignal.abort())).toEqual({ kind: 'unasked' });
  });
});

describe('EgressGuard with real references', () => {
  it.skipIf(process.platform !== 'linux')('ours when the one that answered before is silent', async () => {
    const silent = await silentPort();
    const { port } = await listening();
    const clock = new FakeClock();
    let gone = false;
    const guard = new EgressGuard({
      clock,
      references: [{ host, port }],
      ask: (reference, signal) => askByTcp({ ...reference, port: gone ? silent : port }, signal),
      signal: NEVER,
    });
    expect(await guard.prove()).toEqual([]);
    gone = true;
    await clock.advance(60_000);
    const endedMs = clock.monotonicMs();
    const verdict = guard.judge({ fault: 'timeout', startedMs: endedMs - 50, endedMs });
    const first = await Promise.race([verdict, pause(100, 'still waiting')]);
    await clock.advance(EGRESS_DEADLINE_MS);
    expect([first, await verdict]).toEqual(['still waiting', 'ours']);
  });
});
