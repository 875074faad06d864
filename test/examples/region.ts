import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { readFileSync } from 'node:fs';
import { createBox } from '../../src/box/box.ts';
import { systemClock } from '../../src/clock.ts';
import type { Credentials } from '../servers/certificate.ts';
import { startChronyd, untilChronyd } from '../servers/chronyd.ts';
import { startHaproxy } from '../servers/haproxy.ts';
import { startNamed } from '../servers/named.ts';
import { startNginx } from '../servers/nginx.ts';
import { startOutscaleApi } from '../servers/outscale-api.ts';
import { addLoadBalancer, addSnapshot, addVm, addVolume } from '../servers/outscale/state.ts';
import { startS3 } from '../servers/s3.ts';
import * as at from './addresses.ts';
import { forwardTcp, forwardUdp } from './forward.ts';
import { KEY } from './keys.ts';

/**
 * The region that the examples speak of, at the very addresses they name: a program for a network namespace that has
 * them. Argument: a folder with `key.pem` and `cert.pem` of all doors. Prints a line once all answer, and ends with its
 * standard input.
 */
const [folder = '.'] = process.argv.slice(2);
const credentials: Credentials = {
  key: readFileSync(`${folder}/key.pem`, 'utf8'),
  cert: readFileSync(`${folder}/cert.pem`, 'utf8'),
};
const ends: (() => Promise<void>)[] = [];
process.once('uncaughtException', (error) => {
  process.stderr.write(`${String(error)}\n`);
  void leave(1);
});

const box = createBox({ clock: systemClock, portOffset: 0, folder: `${folder}/box` });
await box.start();
ends.push(() => box.stop());
const portOf = (name: string): number => box.services.find((service) => service.name === name)?.port ?? 0;

await startNames();
await startTime();
await forwardTcp({ address: at.METADATA_ADDRESS, port: 80 }, portOf('metadata'));
await startMachines();
await startDoors(await startSite());
process.stdout.write('ready\n');

process.stdin.resume();
await once(process.stdin, 'end');
await leave(0);

/** Whatever happens, the servers end with this program. */
async function leave(code: number): Promise<void> {
  await Promise.allSettled(ends.map((end) => end()));
  process.exit(code);
}

/** BIND, with everything that has a name in one zone. */
async function startNames(): Promise<void> {
  const records = Object.entries(at.NAMES).map(([name, address]) => `${name}. A ${address}`);
  const zone = [
    '$TTL 60',
    '. SOA ns. hostmaster. 1 3600 600 86400 60',
    '. NS ns.',
    'ns. A 10.0.0.2',
    ...records,
    '',
  ];
  const named = await startNamed('.', zone.join('\n'), credentials);
  ends.push(() => named.stop());
  for (const address of at.DNS_ADDRESSES) {
    await forwardUdp({ address, port: 53 }, named.port);
    await forwardTcp({ address, port: 53 }, named.port);
  }
}

async function startTime(): Promise<void> {
  const chronyd = await startChronyd('local stratum 3', 'allow 127.0.0.0/8');
  ends.push(chronyd.close);
  await untilChronyd(chronyd, ({ leap, stratum }) => leap === 0 && stratum === 3);
  for (const address of at.NTP_ADDRESSES) await forwardUdp({ address, port: 123 }, chronyd.port);
}

/** Machines that greet whoever connects. */
async function startMachines(): Promise<void> {
  const { address, allowed, denied, heartbeat } = at.FIREWALLED;
  const doors = [...at.MACHINES, { address, port: allowed }, { address, port: denied }, heartbeat];
  for (const door of doors) await forwardTcp(door, portOf('firewall'));
}

/** HAProxy before a site and before a database; the port of the former. */
async function startSite(): Promise<number> {
  const sites = await Promise.all(
    at.SITE_BACKENDS.map(() => listening(createHttpServer((_, answer) => answer.end('ok')))),
  );
  const databases = await Promise.all(
    at.DATABASE.backends.map(() =>
      listening(createServer((socket) => void socket.resume().on('error', () => socket.destroy()))),
    ),
  );
  const site = await startHaproxy('http', sites);
  const database = await startHaproxy('tcp', databases);
  ends.push(
    () => site.stop(),
    () => database.stop(),
  );
  await Promise.all([site.untilUp(sites.length), database.untilUp(databases.length)]);
  for (const [index, address] of at.SITE_BACKENDS.entries())
    await forwardTcp({ address, port: 8_080 }, sites[index] ?? 0);
  for (const [index, address] of at.DATABASE.backends.entries())
    await forwardTcp({ address, port: at.DATABASE.port }, databases[index] ?? 0);
  await forwardTcp(at.DATABASE, database.port);
  return site.port;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** nginx before the provider's services and the site, by name, with TLS. */
async function startDoors(sitePort: number): Promise<void> {
  const keys = { [KEY.accessKey]: KEY.secretKey };
  const services = await Promise.all(
    (['api', 'fcu', 'lbu', 'eim'] as const).map(async (service) => {
      const double = await startOutscaleApi({ service, keys });
      ends.push(() => double.close());
      furnish(double.region);
      return [`${service}.${at.REGION}.outscale.com`, double.origin.slice('http://'.length)] as const;
    }),
  );
  const s3 = await startS3({ ...KEY, region: at.REGION, bucket: 'vigie-of-ours' });
  ends.push(() => s3.close());
  const upstreams = [
    ...services,
    [`oos.${at.REGION}.outscale.com`, s3.endpoint.slice('http://'.length)] as const,
    ['www.example.org', `127.0.0.1:${sitePort}`] as const,
  ];
  const choices = upstreams.map(
    ([name, upstream]) => `if ($host = '${name}') { set $upstream ${upstream}; }`,
  );
  const nginx = await startNginx(
    `set $upstream 127.0.0.1:${sitePort};
    ${choices.join('\n    ')}
    location = /api/v1/ReadNetAccessPointServices { proxy_pass http://127.0.0.1:${portOf('api')}; }
    location / { proxy_pass http://$upstream; proxy_set_header Host $host; proxy_http_version 1.1; }`,
    {},
    credentials,
  );
  ends.push(() => nginx.stop());
  for (const address of at.TLS_ADDRESSES) await forwardTcp({ address, port: 443 }, nginx.httpsPort);
}

/** What the examples look for by the API. */
function furnish(region: Parameters<typeof addVm>[0]): void {
  for (const id of ['i-0b0c5e01', 'i-0b0c5e02', 'i-0b0c5e03', 'i-0b0c5e04']) addVm(region, id);
  addVolume(region, 'vol-0b0c5e01', { State: 'in-use' });
  addLoadBalancer(region, 'www', ['i-0b0c5e01', 'i-0b0c5e02']);
  addSnapshot(region, 'snap-0a1b2c3d', { Tags: [{ Key: 'backup', Value: 'nightly' }] });
  for (const [id, minute] of [
    ['snap-00000001', '00'],
    ['snap-00000002', '05'],
  ] as const)
    addSnapshot(region, id, {
      CreationDate: `2026-01-05T08:${minute}:00.000Z`,
      Tags: [{ Key: 'vigie:sentinel', Value: '' }],
    });
}
