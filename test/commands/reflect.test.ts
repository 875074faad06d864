import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { latencyProbe } from '../../probes/latency.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Reading } from '../../src/core/reading.ts';
import { parse, SECRET_MARKER } from '../contracts/probing.ts';
import { runVigie, startVigie } from './spawn-vigie.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-reflect-'));
const keyFile = join(folder, 'key');
const shortKeyFile = join(folder, 'short');
writeFileSync(keyFile, `${SECRET_MARKER}\n`);
writeFileSync(shortKeyFile, 'too short\n');

afterAll(() => rmSync(folder, { recursive: true }));

async function looked(port: number, settings: object): Promise<Reading> {
  const kind = latencyProbe();
  const deadline = new AbortController();
  const cancel = systemClock.after(1_000, () => deadline.abort());
  const reading = await kind
    .configure(parse(kind, { host: '127.0.0.1', port, roundTrips: 5, spacing: '10ms', ...settings }))
    .run({ signal: deadline.signal, clock: systemClock, random: systemRandom });
  cancel();
  await kind.close();
  return reading;
}

/** Reflects while `act` looks; what was printed in the end. */
async function reflecting(args: readonly string[], act: (port: number) => Promise<void>) {
  const running = startVigie(['reflect', '--listen', '127.0.0.1:0', ...args]);
  const [, port] = await running.printed(/reflecting on 127\.0\.0\.1:(\d+)/);
  try {
    await act(Number(port));
  } finally {
    running.kill('SIGTERM');
  }
  return running.finished;
}

describe('vigie reflect', () => {
  test('answers the latency checks of a peer until it is stopped, then says what it answered', async () => {
    const { code, stdout } = await reflecting(['--peer', '127.0.0.0/8'], async (port) => {
      expect(await looked(port, {})).toMatchObject({ kind: 'answer', values: { sent: 5, received: 5 } });
      const socket = createSocket('udp4');
      socket.send('no test packet', port, '127.0.0.1');
      await once(socket.unref(), 'listening');
      await looked(port, { roundTrips: 1 });
      socket.close();
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ reflected: 6, stranger: 0, malformed: 1, 'too-often': 0 });
  });

  test('with a key: answers only who knows it', async () => {
    const { stdout, stderr } = await reflecting(
      ['--peer', '127.0.0.1', '--key-file', keyFile, '--stateful'],
      async (port) => {
        expect(await looked(port, { key: { env: 'ANY' } })).toMatchObject({ kind: 'answer' });
        expect(await looked(port, {})).toMatchObject({ kind: 'fault', fault: 'timeout' });
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({ reflected: 5, malformed: 5 });
    expect(stdout + stderr).not.toContain(SECRET_MARKER);
  });

  test('answers no stranger', async () => {
    const { stdout } = await reflecting(['--peer', '10.0.0.0/8'], async (port) => {
      expect(await looked(port, {})).toMatchObject({ kind: 'fault', fault: 'timeout' });
    });
    expect(JSON.parse(stdout)).toMatchObject({ reflected: 0, stranger: 5 });
  });

  test.each([
    ['no peer', ['--listen', '127.0.0.1:0'], 'expected --peer: an IP address or a range like 10.0.0.0/16'],
    [
      'a peer that is a name',
      ['--listen', '127.0.0.1:0', '--peer', 'host.example'],
      '--peer is "host.example", expected an IP address or a range like 10.0.0.0/16',
    ],
    [
      'a name to listen on',
      ['--listen', 'localhost:862', '--peer', '127.0.0.1'],
      '--listen is "localhost:862", expected an address of this machine and a port, like 10.0.1.10:862 or [::]:862',
    ],
    [
      'an address of another machine',
      ['--listen', '192.0.2.1:0', '--peer', '127.0.0.1'],
      'cannot listen on 192.0.2.1, port 0 (EADDRNOTAVAIL)',
    ],
    [
      'a key that is no secret',
      ['--listen', '127.0.0.1:0', '--peer', '127.0.0.1', '--key-file', shortKeyFile],
      'holds 9 bytes, expected 16 or more',
    ],
    [
      'a key file that is not there',
      ['--listen', '127.0.0.1:0', '--peer', '127.0.0.1', '--key-file', join(folder, 'none')],
      'cannot be read (ENOENT)',
    ],
    ['no rate', ['--listen', '127.0.0.1:0', '--peer', '127.0.0.1', '--rate', '0'], '--rate is 0, expected 1'],
  ])('%s: usage error', async (_name, args, message) => {
    const { code, stdout, stderr } = await runVigie(['reflect', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
