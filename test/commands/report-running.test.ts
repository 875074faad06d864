import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseClosing } from '../../src/closing/closing-book.ts';
import { type ClosedFolder, closedFolder } from './closed-folder.ts';
import { type Running, runVigie, startVigie } from './spawn-vigie.ts';

const env = { VIGIE_TOKEN: 'let-the-reports-in' };
const ACCESS = 'access: { tokens: [{ name: reports, token: { env: VIGIE_TOKEN }, rights: [read] }] }\n';

let folder: ClosedFolder;
let vigie: Running;
let url = '';
beforeAll(async () => {
  folder = await closedFolder();
  appendFileSync(join(folder.path, 'vigie.yaml'), ACCESS);
  vigie = startVigie(['run', '--config', 'vigie.yaml', '--vantage', 'a', '--no-table'], {
    cwd: folder.path,
    env,
  });
  url = (await vigie.printed(/"url":"(http:[^"]+)"/))[1] ?? '';
});
afterAll(async () => {
  vigie.kill('SIGTERM');
  await vigie.finished;
  folder.remove();
});

const run = (...args: readonly string[]) => runVigie(args, { cwd: folder.path, env });
const get = async (path: string) => {
  const response = await fetch(new URL(path, url), {
    headers: { authorization: `Bearer ${env.VIGIE_TOKEN}` },
  });
  return { status: response.status, body: (await response.json()) as object };
};

describe('beside a vigie that is running and asks who one is', () => {
  it('GET /api/periods: all closings; /api/periods/{period}: one of them, or what a period comes to so far', async () => {
    const { status, body } = await get('/api/periods');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { periods: [{ period: { name: '2026-03', kind: 'month' }, number: 0, changes: null }] },
    });
    const closed = await get('/api/periods/2026-03?number=0');
    expect(JSON.stringify(closed.body)).toBe(
      readFileSync(join(folder.path, 'data/reports/2026-03.json'), 'utf8').trim(),
    );
    expect(await get('/api/periods/2026')).toMatchObject({ status: 200, body: { number: null } });
    expect(await get('/api/periods/2026-03?number=9')).toMatchObject({ status: 422 });
    expect(await get('/api/periods/nonsense')).toMatchObject({ status: 422 });
  });

  it('vigie report: what is closed from the ledger, what is not from that vigie', async () => {
    expect(await run('report', '2026-03', '--format', 'json')).toMatchObject({
      code: 0,
      stdout: readFileSync(join(folder.path, 'data/reports/2026-03.json'), 'utf8'),
    });
    const { stdout } = await run('report', '2026', '--format', 'json', '--url', url);
    expect(parseClosing(stdout)).toMatchObject({ number: null, period: { name: '2026' } });
  });

  it('vigie report --claim: a pack that verifies', async () => {
    const args = ['report', '2026-03', '--claim', 'web', '--out', 'claim.zip', '--url', url];
    expect(await run(...args)).toMatchObject({ code: 0, stderr: '' });
    expect(await run('verify', 'claim.zip', '--key', 'key.pub.pem')).toMatchObject({ code: 0 });
  });

  it('vigie export observations: the same lines as it has', async () => {
    const span = ['--from', '2026-03-28T11:59:50Z', '--to', '2026-03-28T12:00:10Z'];
    const { code, stdout } = await run('export', 'observations', '--check', 'web', ...span, '--url', url);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toContain(
      '{"check":"web","vantage":"a","slot":"2026-03-28T11:59:50.000Z","outcome":"good"}',
    );
    expect(lines.filter((line) => line.includes('"outcome":"bad"'))).toHaveLength(3);
  });
});
