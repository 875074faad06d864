import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sha256Hex, signedHeaders } from '../../probes/wire/signature-v4.ts';
import { findProgram } from './packages.ts';
import type { S3Account } from './s3.ts';
import { freePort } from './started-program.ts';

/** The programs that a Ceph of one's own takes. */
export const CEPH_PROGRAMS = ['ceph-mon', 'ceph-mgr', 'ceph-osd', 'radosgw', 'ceph'] as const;

/** A Ceph cluster of one on loopback, all in memory, with its S3 gateway. */
export interface Ceph {
  readonly endpoint: string;
  /** Sends a signed request of one's own, past the probe; resolves with the status. */
  request(method: string, path: string, body?: string): Promise<number>;
  /** The first key of a bucket that contains a text. Throws when there is none. */
  find(bucket: string, text: string): Promise<string>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const STARTS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 3_000;
const execute = promisify(execFile);

/** Starts a cluster with a user for the account and its bucket, pools made and warm. */
export async function startCeph(account: S3Account): Promise<Ceph> {
  const folder = mkdtempSync(join(tmpdir(), 'ceph-'));
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([...children].reverse().map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await freePort();
    await startCluster(folder, port, children);
    const keys = ['--access-key', account.accessKey, '--secret-key', account.secretKey];
    const user = ['user', 'create', '--uid', 'vigie', '--display-name', 'vigie', ...keys];
    await run(folder, 'radosgw-admin', '-n', 'client.rgw', ...user);
    const endpoint = `http://${HOST}:${port}`;
    const request = (method: string, path: string, body = ''): Promise<number> =>
      signedRequest(account, method, new URL(path, endpoint), body).then(({ status }) => status);
    const find = async (bucket: string, text: string): Promise<string> => {
      const list = await signedRequest(account, 'GET', new URL(`/${bucket}`, endpoint), '');
      const keys = [...list.text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
      const found = keys.find((key) => key.includes(text));
      if (found === undefined) throw new Error(`no key with ${text}`);
      return found;
    };
    await request('PUT', `/${account.bucket}`);
    await request('PUT', `/${account.bucket}/warm`, 'warm');
    await request('DELETE', `/${account.bucket}/warm`);
    return { endpoint, request, find, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startCluster(folder: string, port: number, children: ChildProcess[]): Promise<void> {
  const daemon = (program: string, ...args: readonly string[]): void => {
    const all = ['-c', join(folder, 'ceph.conf'), ...args, '-f'];
    children.push(spawn(findProgram(program) ?? program, all, { cwd: folder, stdio: 'ignore' }));
  };
  const [v2, v1, fsid] = [await freePort(), await freePort(), randomUUID()];
  const monitor = `[v2:${HOST}:${v2},v1:${HOST}:${v1}]`;
  for (const name of ['mon', 'osd', 'mgr', 'rgw']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'ceph.conf'), configuration(folder, fsid, monitor, port));
  await makeKeys(folder);
  const map = ['--create', '--fsid', fsid, '--addv', 'a', monitor, join(folder, 'monmap')];
  await execute(findProgram('monmaptool') ?? 'monmaptool', map);
  const keyring = ['--keyring', join(folder, 'keyring')];
  await run(folder, 'ceph-mon', '-i', 'a', '--mkfs', '--monmap', join(folder, 'monmap'), ...keyring);
  daemon('ceph-mon', '-i', 'a');
  await until('the monitor', () => run(folder, 'ceph', '--connect-timeout', '5', '-s'));
  daemon('ceph-mgr', '-i', 'x');
  const osd = randomUUID();
  await run(folder, 'ceph', 'osd', 'new', osd, '0');
  await run(folder, 'ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd);
  daemon('ceph-osd', '-i', '0');
  await until('the osd', async () => {
    if (!/\b1 up\b/.test(await run(folder, 'ceph', 'osd', 'stat'))) throw new Error('not up');
  });
  daemon('radosgw', '-n', 'client.rgw');
  await until('the gateway', async () => {
    const answer = await fetch(`http://${HOST}:${port}/`);
    await answer.body?.cancel();
  });
}

function configuration(folder: string, fsid: string, monitor: string, port: number): string {
  return `
[global]
keyring = ${folder}/keyring
fsid = ${fsid}
mon host = ${monitor}
public addr = ${HOST}
cluster addr = ${HOST}
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail warn = 2
mon data avail crit = 1
mon pg warn min per osd = 0
mon max pg per osd = 1000
osd objectstore = memstore
memstore device bytes = 268435456
run dir = ${folder}
admin socket = ${folder}/$name.asok
log file = ${folder}/$name.log
pid file = ${folder}/$name.pid
setuser match path =
[mon.a]
mon data = ${folder}/mon
mon initial members = a
[mgr.x]
mgr data = ${folder}/mgr
mgr initial modules =
[osd.0]
osd data = ${folder}/osd
[client.rgw]
rgw frontends = beast endpoint=${HOST}:${port} tcp_nodelay=1
rgw data = ${folder}/rgw
rgw thread pool size = 16
`;
}

/** By name: what each may do. */
const CAPABILITIES: Readonly<Record<string, readonly string[]>> = {
  'mon.': ['mon', 'allow *'],
  'client.admin': ['mon', 'allow *', 'osd', 'allow *', 'mgr', 'allow *'],
  'mgr.x': ['mon', 'allow profile mgr', 'osd', 'allow *'],
  'osd.0': ['mon', 'allow profile osd', 'mgr', 'allow *', 'osd', 'allow *'],
  'client.rgw': ['mon', 'allow rw', 'osd', 'allow rwx', 'mgr', 'allow *'],
};

async function makeKeys(folder: string): Promise<void> {
  const tool = findProgram('ceph-authtool') ?? 'ceph-authtool';
  const keyring = join(folder, 'keyring');
  await execute(tool, ['--create-keyring', keyring]);
  for (const [name, capabilities] of Object.entries(CAPABILITIES)) {
    const caps: string[] = [];
    for (let i = 0; i < capabilities.length; i += 2) caps.push('--cap', ...capabilities.slice(i, i + 2));
    await execute(tool, [keyring, '--gen-key', '-n', name, ...caps]);
  }
}

async function run(folder: string, program: string, ...args: readonly string[]): Promise<string> {
  const all = ['-c', join(folder, 'ceph.conf'), ...args];
  const { stdout } = await execute(findProgram(program) ?? program, all, { cwd: folder, timeout: 30_000 });
  return stdout;
}

async function until(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const endMs = Date.now() + STARTS_WITHIN_MS;
  for (let last: unknown; ; await pause(100)) {
    try {
      await attempt();
      return;
    } catch (error) {
      last = error;
    }
    if (Date.now() > endMs) throw new Error(`${what} of Ceph did not start`, { cause: last });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killing = new AbortController();
  void pause(STOPS_WITHIN_MS, undefined, { signal: killing.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await exited;
  killing.abort();
}

async function signedRequest(
  account: S3Account,
  method: string,
  url: URL,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const payloadHash = sha256Hex(body);
  const scope = { algorithm: 'AWS4-HMAC-SHA256', region: account.region, service: 's3' } as const;
  const signable = { method, url, headers: { 'x-amz-content-sha256': payloadHash }, payloadHash };
  const { host: _, ...headers } = signedHeaders(signable, scope, account, Date.now());
  const answer = await fetch(url, { method, headers, ...(body === '' ? {} : { body }) });
  return { status: answer.status, text: await answer.text() };
}
