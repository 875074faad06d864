import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runVigie } from './spawn-vigie.ts';

const VERDICT = {
  row: 'sla4.api',
  scope: 'region',
  reading: 'client',
  state: 'breached',
  target: '99.9',
  eligible: true,
  period: { name: '2026-03', from: '2026-02-28T23:00:00.000Z', to: '2026-03-31T22:00:00.000Z' },
  budgetMs: 2_674_800,
  downtimeMs: { best: 3_000_000, estimate: 3_010_000, worst: 3_020_000, raw: 3_010_000 },
  excludedMs: 0,
  unknownMs: 0,
  contestedMs: 0,
  remainingMs: -335_200,
  timeToBreachMs: 0,
  availability: { toDate: '0.99', bestAchievable: '0.998', final: null, worst: '0.99' },
  pace: 2,
  incidents: [],
  openIncident: null,
  rolling: {},
  at: '2026-03-15T00:00:00.000Z',
};

describe('one-shot commands', () => {
  let folder = '';
  let server: Server;
  let url = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-once-'));
    server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      const verdicts = request.url === '/api/verdicts' ? [VERDICT] : undefined;
      response.end(
        verdicts ? JSON.stringify({ at: VERDICT.at, readings: ['client'], verdicts }) : '{"well":true}',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(
      join(folder, 'vigie.yaml'),
      `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a] }
checks:
  - { id: well, probe: http, row: sla4.api, interval: 10s, timeout: 2s, with: { url: "${url}/", extract: { well: { json: "$.well", as: boolean } } }, expect: { well: true } }
  - { id: ill, probe: http, row: sla5.api, interval: 10s, timeout: 2s, with: { url: "${url}/ill" }, expect: { status: 204 } }
  - { id: gone, probe: tcp, row: sla5.lb, interval: 10s, timeout: 2s, with: { host: 127.0.0.1, port: 1 } }
`,
    );
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('probe shows phases, values and what they amount to', async () => {
    const { code, stdout } = await runVigie(['probe', 'well'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^well \(http, sla4\.api region\): good$/m);
    expect(stdout).toMatch(/^ {2}connect +\d+\.\d{3} ms$/m);
    expect(stdout).toMatch(/^ {2}well = true$/m);
  });

  it.each([
    ['ill', 'bad (status): status is 200, expected 204'],
    ['gone', 'bad (refused): '],
  ])('probe of a check that is not good (%s) is a finding with its cause', async (check, words) => {
    const { code, stdout } = await runVigie(['probe', check], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toContain(words);
  });

  it('probe of a check that is not there names those that are', async () => {
    const { code, stderr } = await runVigie(['probe', 'wel'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('well, ill, gone');
  });

  it('check warns of what is doubtful and exits with 0', async () => {
    const { code, stdout } = await runVigie(['check', 'vigie.yaml'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain('sla4.internet');
    expect(stdout).toMatch(/^vigie\.yaml: good, 3 checks, \d+ warnings$/m);
  });

  it('check as JSON has the place of every error', async () => {
    writeFileSync(join(folder, 'bad.yaml'), 'contract: outscale-secnumcloud\nregoin: r\n');
    const { code, stdout } = await runVigie(['check', 'bad.yaml', '--output', 'json'], { cwd: folder });
    expect(code).toBe(78);
    const { ok, errors } = JSON.parse(stdout);
    expect(ok).toBe(false);
    expect(errors).toContainEqual(
      expect.objectContaining({ file: 'bad.yaml', line: 2, column: 1, path: 'regoin' }),
    );
  });

  it('status shows the verdicts of a running vigie, and a breach is a finding', async () => {
    const { code, stdout } = await runVigie(['status', '--url', url], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toMatch(/sla4\.api .*breached/);
  });

  it('status asks the vigie of the configuration that is named, or lies here', async () => {
    const config = readFileSync(join(folder, 'vigie.yaml'), 'utf8');
    const { port } = new URL(url);
    writeFileSync(join(folder, 'other.yaml'), `${config}listen: { port: ${port} }\n`);
    const named = await runVigie(['status', '--config', 'other.yaml'], { cwd: folder });
    expect(named).toMatchObject({ code: 1, stdout: expect.stringContaining('sla4.api') });
    const elsewhere = mkdtempSync(join(folder, 'elsewhere-'));
    writeFileSync(join(elsewhere, 'vigie.yaml'), `${config}listen: { port: ${port} }\n`);
    expect((await runVigie(['status'], { cwd: elsewhere })).code).toBe(1);
    const bad = await runVigie(['status', '--config', 'none.yaml'], { cwd: folder });
    expect(bad).toMatchObject({ code: 78, stderr: 'none.yaml:1:1: error: there is no such file\n' });
  });

  it('what needs a configuration says how to name one where there is none', async () => {
    const { code, stderr } = await runVigie(['probe', 'well'], { cwd: tmpdir() });
    expect(code).toBe(78);
    expect(stderr).toMatch(
      /^vigie\.yaml:1:1: error: there is no such file\nvigie: name a configuration with --config FILE, or begin with a drill, which needs none: \S.* run\n$/,
    );
  });

  it('status says when nobody answers', async () => {
    const { code, stderr } = await runVigie(['status', '--url', 'http://127.0.0.1:1'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'vigie: no vigie answers at http://127.0.0.1:1 (ECONNREFUSED); is it running? name another with --url\n',
    );
  });

  it.each(['config', 'contract'])('schema %s is a JSON Schema', async (which) => {
    const { code, stdout } = await runVigie(['schema', which], { cwd: folder });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: expect.stringContaining('json-schema'),
      type: 'object',
    });
  });

  it('an unknown command is wrong usage, and --help is not', async () => {
    expect((await runVigie(['prob'])).code).toBe(2);
    const { code, stdout } = await runVigie(['--help']);
    expect(code).toBe(0);
    for (const command of ['run', 'check', 'probe', 'status', 'replay', 'schema'])
      expect(stdout).toContain(command);
    const { stdout: reflect } = await runVigie(['reflect', '--help']);
    expect(reflect).not.toContain('(default: [])');
    expect(reflect).toContain('(default: 100)');
  });
});
