import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { parseRedisUrl } from '../../src/core/redis-address.ts';
import { RedisLink } from '../../src/window/redis-link.ts';

const ASK = {
  key: 'k',
  add: (pipeline: { get(key: string): unknown }): unknown => pipeline.get('k'),
};

let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer((socket) => socket.once('data', () => socket.end('-WRONGPASS no\r\n')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
afterEach(() => server.close());

async function failureAt(url: string): Promise<unknown> {
  const address = parseRedisUrl(url);
  if (!address) throw new Error(`${url} is no address of Redis`);
  const link = new RedisLink({ address }, systemClock, () => undefined);
  try {
    await link.connected();
    return await link.ask(ASK).catch((error: unknown) => error);
  } finally {
    link.close();
  }
}

describe('RedisLink without a connection says what the last try came to', () => {
  it('where nobody listens', async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await failureAt(`redis://127.0.0.1:${port}/0`)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('but not that it is broken: it may take another connection later', async () => {
    server.removeAllListeners('connection');
    server.on('connection', (socket) => socket.end('-ERR max number of clients reached\r\n'));
    expect(await failureAt(`redis://127.0.0.1:${port}/0`)).toMatchObject({ code: 'CLOSED' });
  });

  it('a password that is refused', async () => {
    expect(await failureAt(`redis://user:wrong@127.0.0.1:${port}/0`)).toMatchObject({ code: 'WRONGPASS' });
  });
});
