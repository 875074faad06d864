import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { decode, encode, type Packet } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framed, unframed } from '../../probes/wire/dns.ts';
import { decodePacket, encodePacket, encodeRequest, unixMsOf } from '../../probes/wire/ntp.ts';
import { sha256Hex, signedHeaders, type SigningKey } from '../../probes/wire/signature-v4.ts';
import type { Box } from '../../src/box/box.ts';
import { BOX_KEY } from '../../src/box/keys.ts';
import { findProgram } from '../servers/packages.ts';
import { portOf, startedBox } from './started-box.ts';

let box: Box;

beforeAll(async () => {
  ({ box } = await startedBox());
});

afterAll(() => box.stop());

function urlOf(service: string, path: string): string {
  return `http://127.0.0.1:${portOf(box, service)}${path}`;
}

/** Sends datagrams one after the other; the first reply to any of them. */
async function firstReply(port: number, ...datagrams: readonly Uint8Array[]): Promise<Buffer> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) socket.send(datagram, port, '127.0.0.1');
  const [reply]: unknown[] = await once(socket, 'message');
  socket.close();
  if (!Buffer.isBuffer(reply)) throw new Error('no datagram');
  return reply;
}

describe('api', () => {
  const call = (action: string, init: RequestInit = { method: 'POST', body: '{}' }): Promise<Response> =>
    fetch(urlOf('api', `/api/v1/${action}`), init);

  test('ReadRegions: the regions, and a RequestId of its own for each answer', async () => {
    const first: unknown = await (await call('ReadRegions')).json();
    const second: unknown = await (await call('ReadRegions', { method: 'POST' })).json();
    const id = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    const answer = {
      Regions: [{ RegionName: 'cloudgouv-eu-west-1', Endpoint: 'api.cloudgouv-eu-west-1.outscale.com' }],
      ResponseContext: { RequestId: id },
    };
    expect(first).toEqual(answer);
    expect(second).toEqual(answer);
    expect(first).not.toEqual(second);
  });

  test.each([
    ['an unknown action', 'ReadNothing', { method: 'POST', body: '{}' }, 404, '12000'],
    ['a name of the prototype', 'constructor', { method: 'POST', body: '{}' }, 404, '12000'],
    ['a body that is not JSON', 'ReadRegions', { method: 'POST', body: '{' }, 400, '4104'],
    ['a body that is no object', 'ReadRegions', { method: 'POST', body: '[]' }, 400, '4104'],
    ['a call that must be signed, unsigned', 'ReadNets', { method: 'POST', body: '{}' }, 401, '1'],
    ['another method', 'ReadRegions', { method: 'GET' }, 405, '2'],
  ])('%s: an error in the shape of the provider', async (_what, action, init, status, Code) => {
    const answer = await call(action, init);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ Errors: [{ Code }], ResponseContext: {} });
  });

  test('wrong: a bare 503 in HTML, without an error code', async () => {
    await box.setFault('api', 'wrong');
    const answer = await call('ReadRegions');
    await box.setFault('api', undefined);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'text/html']);
    expect(await answer.text()).toMatch(/^<html>/);
  });

  test('a body of more than 64 KiB: 413', async () => {
    const answer = await call('ReadRegions', { method: 'POST', body: 'x'.repeat(65_537) });
    expect(answer.status).toBe(413);
    await answer.body?.cancel();
  });
});

describe('metadata', () => {
  test.each([
    ['/latest/meta-data/', 'instance-id\nlocal-ipv4\nplacement/'],
    ['/latest/meta-data/placement/', 'availability-zone\ncluster\nserver'],
    ['/latest/meta-data/placement/availability-zone', 'cloudgouv-eu-west-1a'],
    ['/latest/meta-data/local-ipv4?x=1', '10.0.0.4'],
  ])('%s', async (path, text) => {
    expect(await (await fetch(urlOf('metadata', path))).text()).toBe(text);
  });

  test.each(['/latest/meta-data/nothing', '/latest/meta-data/nothing/', '/latest/meta-data/placement', '/'])(
    '%s: 404',
    async (path) => {
      const answer = await fetch(urlOf('metadata', path));
      expect(answer.status).toBe(404);
      await answer.body?.cancel();
    },
  );
});

describe('object-storage', () => {
  /** Signs as a client of S3 does, and asks. */
  const call = (
    method: string,
    path: string,
    body = '',
    { key = BOX_KEY, atMs = Date.now() }: { readonly key?: SigningKey; readonly atMs?: number } = {},
  ): Promise<Response> => {
    const url = new URL(urlOf('object-storage', path));
    const payloadHash = sha256Hex(body);
    const scope = { algorithm: 'AWS4-HMAC-SHA256', region: 'cloudgouv-eu-west-1', service: 's3' } as const;
    const request = { method, url, headers: { 'x-amz-content-sha256': payloadHash }, payloadHash };
    const { host: _, ...headers } = signedHeaders(request, scope, key, atMs);
    return fetch(url, {
      method,
      headers: { ...headers, connection: 'close' },
      ...(body === '' ? {} : { body }),
    });
  };
  const statusOf = async (answer: Promise<Response>): Promise<number> => {
    const { status, body } = await answer;
    await body?.cancel();
    return status;
  };

  test('PUT, then GET: the object, with its digest as entity tag; after DELETE no more', async () => {
    const etag = '"5d41402abc4b2a76b9719d911017c592"';
    const written = await call('PUT', '/vigie-drill/a', 'hello');
    expect([await written.text(), written.headers.get('etag')]).toEqual(['', etag]);
    const answer = await call('GET', '/vigie-drill/a');
    expect([await answer.text(), answer.headers.get('etag')]).toEqual(['hello', etag]);
    expect(await statusOf(call('DELETE', '/vigie-drill/a'))).toBe(204);
    expect(await (await call('GET', '/vigie-drill/a')).text()).toContain('<Code>NoSuchKey</Code>');
  });

  test('the list: by prefix, from a marker, as many as asked for', async () => {
    for (const key of ['l/1', 'l/2', 'l/3', 'm/1']) await statusOf(call('PUT', `/vigie-drill/${key}`, 'x'));
    const text = await (await call('GET', '/vigie-drill?prefix=l%2F&marker=l%2F1&max-keys=1')).text();
    expect(text.match(/<Key>.*?<\/Key>/g)).toEqual(['<Key>l/2</Key>']);
    expect(text).toContain('<IsTruncated>true</IsTruncated>');
  });

  const HOUR_MS = 3_600_000;
  test.each([
    ['another bucket', {}, '/other/x', 'NoSuchBucket'],
    [
      'a wrong secret',
      { key: { ...BOX_KEY, secretKey: 'wrong' } },
      '/vigie-drill/a',
      'SignatureDoesNotMatch',
    ],
    ['another key', { key: { ...BOX_KEY, accessKey: 'AK' } }, '/vigie-drill/a', 'InvalidAccessKeyId'],
    ['an old date', { atMs: Date.now() - HOUR_MS }, '/vigie-drill/a', 'RequestTimeTooSkewed'],
  ])('%s: refused as S3 refuses', async (_what, options, path, code) => {
    expect(await (await call('GET', path, '', options)).text()).toContain(`<Code>${code}</Code>`);
  });

  test('without a signature: AccessDenied', async () => {
    const answer = await fetch(urlOf('object-storage', '/vigie-drill/a'));
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('AccessDenied')]);
  });

  test('PUT of more than 256 objects: refused, and overwriting still works', async () => {
    const statuses = [];
    for (let i = 0; i < 257; i++) statuses.push(await statusOf(call('PUT', `/vigie-drill/many-${i}`)));
    expect(statuses).toContain(403);
    expect(await statusOf(call('PUT', '/vigie-drill/many-0', 'new'))).toBe(200);
  });

  test('what is stored outlives a front door that was down; broken, nothing is stored', async () => {
    await statusOf(call('PUT', '/vigie-drill/many-1', 'kept'));
    await box.setFault('object-storage', 'wrong');
    expect(await statusOf(call('PUT', '/vigie-drill/many-1', 'not kept'))).toBe(503);
    await box.setFault('object-storage', 'down');
    await box.setFault('object-storage', undefined);
    expect(await (await call('GET', '/vigie-drill/many-1')).text()).toBe('kept');
  });
});

describe('dns', () => {
  const NAME = 'ip-10-0-0-4.cloudgouv-eu-west-1.compute.internal';
  const query = (id: number, name: string, more: Packet = {}): Buffer =>
    encode({ type: 'query', id, questions: [{ name, type: 'A' }], ...more });
  const ask = async (...datagrams: readonly Uint8Array[]) =>
    decode(await firstReply(portOf(box, 'dns'), ...datagrams));

  test('an independent resolver takes its answers, and its NXDOMAIN', async () => {
    const resolver = new Resolver({ timeout: 2_000, tries: 1 });
    resolver.setServers([`127.0.0.1:${portOf(box, 'dns')}`]);
    expect(await resolver.resolve4(NAME.toUpperCase())).toEqual(['10.0.0.4']);
    await expect(resolver.resolve4(`none.${NAME}`)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(resolver.resolve6(NAME)).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(resolver.resolve4('example.org')).rejects.toMatchObject({ code: 'EREFUSED' });
  });

  test('a name that is not there: NXDOMAIN with the authority of the zone', async () => {
    const reply = await ask(query(7, 'none.cloudgouv-eu-west-1.compute.internal'));
    expect(reply).toMatchObject({ id: 7, rcode: 'NXDOMAIN', flag_aa: true, authorities: [{ type: 'SOA' }] });
  });

  test('EDNS is answered with EDNS, its absence with its absence', async () => {
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 1_232, flags: 0, options: [] };
    const asked = { additionals: [opt] } as unknown as Packet;
    expect((await ask(query(1, NAME, asked))).additionals).toMatchObject([{ type: 'OPT' }]);
    expect((await ask(query(1, NAME))).additionals).toEqual([]);
  });

  test('replies and scraps get no answer, garbage a FORMERR, other operations NOTIMP', async () => {
    const response = encode({ type: 'response', id: 1, questions: [{ name: NAME, type: 'A' }] });
    const garbage = Buffer.concat([query(2, NAME).subarray(0, 12), Buffer.from([0xc0])]);
    expect(await ask(response, Buffer.from('scrap'), garbage)).toMatchObject({ id: 2, rcode: 'FORMERR' });
    const notify = query(3, NAME, { flags: 4 << 11 });
    expect(await ask(notify)).toMatchObject({ id: 3, rcode: 'NOTIMP' });
    expect(await ask(encode({ type: 'query', id: 4 }))).toMatchObject({ id: 4, rcode: 'FORMERR' });
  });

  test('TCP: several queries on one connection, in pieces', async () => {
    const socket = connect(portOf(box, 'dns'), '127.0.0.1');
    const stream = Buffer.concat([framed(query(1, NAME)), framed(query(2, NAME))]);
    let received = Buffer.alloc(0);
    const both = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (unframed(received).length === 2) resolve();
      });
    });
    socket.setNoDelay(true);
    socket.write(stream.subarray(0, 5));
    await once(socket, 'connect');
    socket.write(stream.subarray(5));
    await both;
    expect(unframed(received).map((message) => decode(message).id)).toEqual([1, 2]);
    socket.destroy();
  });

  test('TCP: a message that never ends ends the connection', async () => {
    const socket = connect(portOf(box, 'dns'), '127.0.0.1').on('error', () => {});
    socket.write(Buffer.alloc(5_000, 0xff));
    await once(socket, 'close');
    expect(socket.bytesRead).toBe(0);
  });
});

describe('ntp', () => {
  test('answers a client with its cookie, our own time and stratum 2; others get nothing', async () => {
    const request = encodeRequest(42n);
    const asServer = Buffer.from(encodeRequest(7n));
    asServer[0] = 0x24;
    const reply = decodePacket(await firstReply(portOf(box, 'ntp'), asServer, Buffer.alloc(47), request));
    expect(reply).toMatchObject({ mode: 4, version: 4, origin: 42n, leap: 0, stratum: 2 });
    const toldMs = unixMsOf(reply?.transmit ?? 0n, Date.now());
    expect(Math.abs(toldMs - Date.now())).toBeLessThan(2_000);
  });

  test('answers in the version it is asked in', async () => {
    const request = decodePacket(encodeRequest(1n));
    if (!request) throw new Error('no packet');
    const reply = await firstReply(portOf(box, 'ntp'), encodePacket({ ...request, version: 3 }));
    expect(decodePacket(reply)).toMatchObject({ version: 3, origin: 1n });
  });
});

describe.skipIf(!findProgram('chronyd'))('ntp, asked by chronyd (needs chronyd from chrony)', () => {
  async function measure(): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'vigie-box-'));
    const server = `server 127.0.0.1 port ${portOf(box, 'ntp')} iburst maxsamples 1`;
    const options = ['-Q', '-t', '3', '-f', '/dev/null', `pidfile ${join(folder, 'pid')}`, server];
    try {
      const chronyd = spawn(findProgram('chronyd') ?? '', options, { stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = once(chronyd, 'close');
      const said = [text(chronyd.stdout), text(chronyd.stderr)];
      await ended;
      return (await Promise.all(said)).join('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('a healthy server is believed, and its clock is ours', async () => {
    expect(await measure()).toMatch(/System clock wrong by -?0\.0\d+ seconds/);
  });

  test('wrong: a server that is not synchronised is not believed', async () => {
    await box.setFault('ntp', 'wrong');
    const said = await measure();
    await box.setFault('ntp', undefined);
    expect(said).toMatch(/Timeout reached|No suitable source/);
  });
});
