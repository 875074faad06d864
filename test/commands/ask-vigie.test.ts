import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { askVigie, tellVigie } from '../../src/commands/ask-vigie.ts';
import { FakeClock } from '../fake-clock.ts';

const ANSWER = z.object({ well: z.boolean() });
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listening(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const refusing = (status: number, detail: string) =>
  listening((_, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 'about:blank', title: 'T', status, detail }));
  });

describe('askVigie', () => {
  it.each([
    ['nothing at all', ''],
    ['the beginning of an answer', '{"well":'],
  ])('after five seconds with %s: no answer in time, and no number of an error', async (_, beginning) => {
    const clock = new FakeClock();
    const begun = Promise.withResolvers<void>();
    const url = await listening((_request, response) => {
      if (beginning !== '') response.write(beginning);
      begun.resolve();
    });
    const asked = askVigie(url, '/', ANSWER, undefined, clock).catch((error: unknown) => error);
    await begun.promise;
    await clock.advance(5_000);
    expect(String(await asked)).toContain(
      `no vigie answers at ${url} (no answer in time); is it running? name another with --url`,
    );
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['what is no JSON', '<html>', /\(no answer that is understood\)/],
    ['other JSON', '{"ill":true}', /is not a vigie$/],
  ])('answered with %s', async (_, body, expected) => {
    const url = await listening((_request, response) => response.end(body));
    await expect(askVigie(url, '/', ANSWER)).rejects.toThrow(expected);
  });

  it.each([
    [401, /wants to know who asks: put a token/],
    [403, /wants to know who asks: put a token/],
    [422, /^in its own words$/],
    [404, /is not a vigie$/],
  ])('refused with %i', async (status, expected) => {
    await expect(askVigie(await refusing(status, 'in its own words'), '/', ANSWER)).rejects.toThrow(expected);
  });
});

describe('tellVigie', () => {
  it('posts JSON with the token, and has what is answered to what is new and to what was there', async () => {
    for (const status of [200, 201]) {
      const seen: (string | undefined)[] = [];
      const url = await listening((request, response) => {
        const { method, headers } = request;
        seen.push(method, request.url, headers['content-type'], headers.authorization);
        request.setEncoding('utf8').on('data', (body: string) => seen.push(body));
        response.writeHead(status, { 'content-type': 'application/json' });
        request.on('end', () => response.end('{"well":true}'));
      });
      expect(await tellVigie(url, '/api/tickets', { a: 'é' }, ANSWER, 't0')).toEqual({ well: true });
      expect(seen).toEqual(['POST', '/api/tickets', 'application/json', 'Bearer t0', '{"a":"é"}']);
      server?.closeAllConnections();
      server?.close();
    }
  });

  it.each([
    [401, /wants to know who asks: put a token/],
    [403, /^in its own words$/],
    [404, /^in its own words$/],
    [409, /^in its own words$/],
    [422, /^in its own words$/],
    [500, /is not a vigie$/],
  ])('refused with %i', async (status, expected) => {
    const url = await refusing(status, 'in its own words');
    await expect(tellVigie(url, '/', {}, ANSWER)).rejects.toThrow(expected);
  });
});
