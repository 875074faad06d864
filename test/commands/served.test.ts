import { hashSync } from 'bcryptjs';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openSqliteLedger } from '../../src/window/ledger-sqlite.ts';
import { selfSigned } from '../servers/certificate.ts';
import { describedApi } from '../web/described-api.ts';
import { type Running, runVigie, startVigie } from './spawn-vigie.ts';

const TOKEN = 's3cret-of-the-test';
const CONFIG = `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
listen: { port: 0 }
access: { token: { env: VIGIE_TOKEN }, writers: [alice] }
checks:
  - { id: api, probe: tcp, row: sla4.api, interval: 1s, timeout: 400ms, confirm: 1, with: { host: 127.0.0.1, port: 1 } }
exclusions:
  - { id: standing, kind: attack, from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z", reason: old, author: ops }
`;

let folder = '';
let vigie: Running | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-served-'));
  writeFileSync(join(folder, 'vigie.yaml'), CONFIG.replace('writers: [alice]', 'writers: []'));
});
afterEach(async () => {
  vigie?.kill('SIGTERM');
  await vigie?.finished;
  vigie = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function started(...args: readonly string[]): Promise<string> {
  vigie = startVigie(['run', '--no-table', ...args], { cwd: folder, env: { VIGIE_TOKEN: TOKEN } });
  const [, url = ''] = await vigie.printed(/"url":"(https?:[^"]+)"/);
  return url;
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly dispatcher?: Agent;
}

async function ask(url: string, { headers = {}, body, dispatcher }: Asked = {}) {
  const answer = await request(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(dispatcher && { dispatcher }),
  });
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  return { status: answer.statusCode, type, body: (await answer.body.json()) as Record<string, unknown> };
}

const WRITER = { authorization: `Bearer ${TOKEN}` };
const HOSTILE = '"}\n{"level":"fatal","msg":"forged"}\r\n<script>alert(1)</script>';

describe('the API of a vigie that runs', () => {
  it('answers every question as it describes, of what was seen, entered and judged', async () => {
    const url = await started();
    const api = await describedApi(url);
    const at = new Date().toISOString();
    const wishes = [
      [
        '/api/exclusions',
        {
          id: 'a',
          kind: 'attack',
          from: at,
          to: '2099-01-01T00:00:00Z',
          reason: HOSTILE,
          rows: ['sla3.dns'],
        },
      ],
      ['/api/tickets', { ticket: 'INC-1', event: 'opened', at, severity: 3, complete: true, title: HOSTILE }],
    ] as const;
    for (const [path, body] of wishes) {
      const answer = await ask(`${url}${path}`, { headers: WRITER, body });
      expect([path, answer.status]).toEqual([path, 201]);
      expect(api.misfits(path, 'post', answer.status, answer.type, answer.body)).toEqual([]);
    }
    await expect
      .poll(async () => (await ask(`${url}/api/incidents`)).body['incidents'], { timeout: 20_000 })
      .toHaveLength(1);
    const [incident] = (await ask(`${url}/api/incidents`)).body['incidents'] as readonly { from: string }[];
    const params: Readonly<Record<string, string>> = {
      '/api/incidents/{row}/{scope}/{from}': `/api/incidents/sla4.api/region/${incident?.from}`,
      '/api/rows/{row}': '/api/rows/sla4.api',
      '/api/tickets/{id}/claim': '/api/tickets/INC-1/claim',
      '/api/explain': '/api/explain?row=sla4.api',
    };
    for (const [path, { get }] of Object.entries(api.document.paths)) {
      if (!get) continue;
      const answer = await ask(`${url}${params[path] ?? path}`);
      // Of what there is none here, or more has to be said of, the refusal is described, too.
      const isBare = get.parameters?.some(({ required }) => required) !== true;
      const possible = path in params || isBare ? [200] : [200, 404, 422];
      expect({ path, status: answer.status }).toEqual({ path, status: expect.toBeOneOf(possible) });
      expect(api.misfits(path, 'get', answer.status, answer.type, answer.body)).toEqual([]);
    }
    const details = await ask(`${url}${params['/api/incidents/{row}/{scope}/{from}']}`);
    expect(details.body).toMatchObject({ open: true, causes: ['refused'], exclusions: [] });
    const { observations } = (await ask(`${url}/api/observations?check=api`)).body;
    expect(observations).toContainEqual(expect.objectContaining({ outcome: 'bad', cause: 'refused' }));
    expect((await ask(`${url}/api/exclusions`)).body['exclusions']).toMatchObject([
      { id: 'standing' },
      { id: 'a', author: 'access.token', reason: HOSTILE },
    ]);
  });

  it('what is entered stands in the audit with who proved to be whom, and from where; the log is not forged', async () => {
    const url = await started();
    const exclusion = {
      id: 'a',
      kind: 'attack',
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-02T00:00:00Z',
      reason: HOSTILE,
      author: 'ann',
    };
    await ask(`${url}/api/exclusions`, { headers: WRITER, body: exclusion });
    await ask(`${url}/api/exclusions/a/withdraw`, { headers: WRITER, body: { reason: 'typed wrong' } });
    await ask(`${url}/api/exclusions`, {
      headers: { authorization: `Bearer ${HOSTILE.replaceAll(/[\r\n]/g, ' ')}` },
      body: exclusion,
    });
    vigie?.kill('SIGTERM');
    const { stderr, stdout } = (await vigie?.finished) ?? { stderr: '', stdout: '' };
    for (const line of `${stderr}${stdout}`.split('\n').filter((one) => one.startsWith('{')))
      expect((JSON.parse(line) as { msg?: string }).msg).not.toBe('forged');
    expect(stderr + stdout).not.toContain(TOKEN);
    const ledger = await openSqliteLedger({ path: join(folder, 'data/ledger.db'), clock: systemClock });
    const lines = (await ledger.entries('audit', 0)).map(({ json }) => JSON.parse(json) as unknown);
    await ledger.close();
    const by = { provenAs: 'access.token', from: 'http 127.0.0.1', about: 'a' };
    expect(lines).toEqual([
      { ...by, who: 'ann', what: 'exclusion declared', reason: HOSTILE },
      { ...by, who: 'access.token', what: 'exclusion withdrawn', reason: 'typed wrong' },
    ]);
  });
});

describe('vigie run --web.config.file', () => {
  const facts = { names: ['localhost', '127.0.0.1'], fromMs: Date.now() - 1e6, toMs: Date.now() + 1e9 };

  /** As a Secret of Kubernetes is replaced: the new file takes the place of the old one at once. */
  const replace = (name: string, text: string): void => {
    writeFileSync(join(folder, `${name}.new`), text);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  };

  const shownBy = async (url: string): Promise<string> => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const shown = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
    socket.destroy();
    return shown;
  };

  it('TLS and passwords; a new certificate is taken while it runs, a broken one is not', async () => {
    const [first, second] = [selfSigned(facts), selfSigned(facts)];
    writeFileSync(join(folder, 'vigie.yaml'), CONFIG);
    replace('tls.crt', first.cert);
    replace('tls.key', first.key);
    const web = `tls_server_config: { cert_file: tls.crt, key_file: tls.key }\nbasic_auth_users: { alice: ${hashSync('correct horse', 4)} }\n`;
    replace('web.yml', web);
    const url = await started('--web.config.file', 'web.yml');
    expect(url).toMatch(/^https:/);
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const headers = { authorization: `Basic ${Buffer.from('alice:correct horse').toString('base64')}` };
    expect((await ask(`${url}/api/health`, { dispatcher })).status).toBe(401);
    expect((await ask(`${url}/api/health`, { dispatcher, headers })).body).toMatchObject({
      configuration: { isLatest: true },
    });
    const ticket = {
      ticket: 'INC-1',
      event: 'opened',
      at: '2026-03-01T00:00:00Z',
      severity: 3,
      complete: true,
    };
    expect((await ask(`${url}/api/tickets`, { dispatcher, headers, body: ticket })).status).toBe(201);

    const before = await shownBy(url);
    replace('tls.key', 'nothing');
    await expect
      .poll(async () => (await ask(`${url}/api/health`, { dispatcher, headers })).body['configuration'], {
        timeout: 15_000,
      })
      .toMatchObject({ isLatest: false });
    expect(await shownBy(url)).toBe(before);
    replace('tls.crt', second.cert);
    replace('tls.key', second.key);
    await expect.poll(() => shownBy(url), { timeout: 15_000 }).not.toBe(before);
    expect((await ask(`${url}/api/health`, { dispatcher, headers })).status).toBe(200);
    await dispatcher.close();
  });

  it('what is wrong in it refuses the start with its place', async () => {
    replace('web.yml', 'basic_auth_users: { alice: hunter2 }');
    const { code, stderr } = await runVigie(['run', '--no-table', '--web.config.file', 'web.yml'], {
      cwd: folder,
      env: { VIGIE_TOKEN: TOKEN },
    });
    expect(code).toBe(78);
    expect(stderr).toContain('web.yml:1:28: error: basic_auth_users.alice is text, expected a bcrypt hash');
    expect(stderr).not.toContain('hunter2');
  });

  it('vigie status shows VIGIE_TOKEN, and says how where it is asked for one', async () => {
    writeFileSync(join(folder, 'vigie.yaml'), CONFIG.replace('writers: [alice]', 'anonymous: none'));
    const url = await started();
    const refused = await runVigie(['status', '--url', url], { cwd: folder });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('VIGIE_TOKEN')]);
    const told = await runVigie(['status', '--url', url], { cwd: folder, env: { VIGIE_TOKEN: TOKEN } });
    expect(told.stderr).not.toContain('vigie:');
    expect(told.stdout).toContain('sla4.api');
  });
});
