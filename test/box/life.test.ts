import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createBox } from '../../src/box/box.ts';
import { BoxPortError } from '../../src/box/stall.ts';
import { systemClock } from '../../src/clock.ts';
import { handlesLeft, openHandles } from '../contracts/open-handles.ts';
import { FakeClock } from '../fake-clock.ts';
import { portOf, startedBox } from './started-box.ts';

/** Takes a port as another program would. */
async function occupy(port: number): Promise<void> {
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(async () => {
    other.close();
    await once(other, 'close');
  });
}

test('stop: connections that wait for an answer are ended and no handle stays open', async () => {
  const before = openHandles();
  const clock = new FakeClock();
  const { box } = await startedBox(clock);
  await box.setFault('firewall', 'silent');
  await box.setFault('internet', 'slow');
  await box.setFault('ntp', 'slow');
  const silent = connect(portOf(box, 'firewall'), '127.0.0.1').on('error', () => {});
  const slow = connect(portOf(box, 'internet'), '127.0.0.1').on('error', () => {});
  const idle = connect(portOf(box, 'api'), '127.0.0.1').on('error', () => {});
  const sockets = [silent, slow, idle];
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const udp = createSocket('udp4');
  udp.send(Buffer.from([0x23, ...Array(47).fill(0)]), portOf(box, 'ntp'), '127.0.0.1');
  await expect.poll(() => clock.pending).toBe(2);
  const ended = Promise.all(sockets.map((socket) => once(socket, 'close')));
  await box.stop();
  await ended;
  udp.close();
  expect(clock.pending).toBe(0);
  expect(await handlesLeft(before)).toEqual([]);
});

test('start: after a stop it listens again, with its faults', async () => {
  const { box } = await startedBox();
  await box.setFault('load-balancer', 'wrong');
  await box.stop();
  await box.start();
  const answer = await fetch(`http://127.0.0.1:${portOf(box, 'load-balancer')}/`);
  expect(answer.status).toBe(503);
  await answer.body?.cancel();
  await box.stop();
});

test('start: a taken port is an error that names service, port and option, and nothing listens', async () => {
  const before = openHandles();
  const { box, portOffset, folder } = await startedBox();
  await box.stop();
  await occupy(portOf(box, 'dns'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const occupied = openHandles();
  const again = createBox({ clock: systemClock, portOffset, folder });
  const error = await again.start().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(BoxPortError);
  expect(error).toMatchObject({
    service: 'dns',
    code: 'EADDRINUSE',
    message:
      `dns of the region in a box: port ${portOf(box, 'dns')} of 127.0.0.1 is taken by another program; ` +
      'move all its ports with --port-offset N',
  });
  expect(await handlesLeft(occupied)).toEqual([]);
  expect(await handlesLeft(before)).not.toEqual([]);
});

test('setFault: a port taken while its service was down is an error; asking again tries again', async () => {
  const { box } = await startedBox();
  onTestFinished(() => box.stop());
  await box.setFault('metadata', 'down');
  const port = portOf(box, 'metadata');
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  await expect(box.setFault('metadata', undefined)).rejects.toMatchObject({ service: 'metadata', port });
  other.close();
  await once(other, 'close');
  await box.setFault('metadata', undefined);
  const answer = await fetch(`http://127.0.0.1:${port}/latest/meta-data/instance-id`);
  expect(await answer.text()).toBe('i-0b0c5e01');
});

test('setFault: during a start it waits, and then stands', async () => {
  const { box } = await startedBox();
  onTestFinished(() => box.stop());
  await box.stop();
  const starting = box.start();
  await Promise.resolve();
  await box.setFault('firewall', 'down');
  await starting;
  const socket = connect(portOf(box, 'firewall'), '127.0.0.1');
  const [error]: unknown[] = await once(socket, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
});

test('setFault: before the start it only takes note', async () => {
  const box = createBox({ clock: systemClock, portOffset: 0, folder: '/nowhere' });
  await box.setFault('dns', 'down');
  expect(box.fault('dns')).toBe('down');
});

test.each([0.5, -20_000, 45_000, Number.NaN])('createBox: an offset of %s is refused', (portOffset) => {
  expect(() => createBox({ clock: systemClock, portOffset, folder: '/nowhere' })).toThrow(RangeError);
});

test('slow: the answer comes 700 ms late, and not earlier', async () => {
  const clock = new FakeClock();
  const { box } = await startedBox(clock);
  onTestFinished(() => box.stop());
  await box.setFault('internet', 'slow');
  const socket = connect(portOf(box, 'internet'), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let greeting = '';
  socket.on('data', (chunk: Buffer) => (greeting += chunk.toString()));
  await expect.poll(() => clock.pending).toBe(1);
  await clock.advance(699);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  await expect.poll(() => greeting).toBe('220 beyond.example ESMTP\r\n');
});
