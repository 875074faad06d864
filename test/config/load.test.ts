import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Secret } from '../../src/core/secret.ts';
import { loadConfig } from '../../src/config/load.ts';
import { environmentWith } from './loading.ts';

const CONTRACT = `
id: plain
version: '1'
timezone: Etc/UTC
period: { month: calendar }
regions: { r1: { subregions: [r1a, r1b] } }
readings: { only: {} }
rows:
  - { id: web, clause: '1', title: Web, type: availability, target: '99.9', period: month }
`;

const CHECK =
  'id: web, probe: tcp, row: web, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 80 }';

function load(config: string, more: Readonly<Record<string, string>> = {}, env = {}) {
  const files = { '/etc/vigie/contract.yaml': CONTRACT, '/etc/vigie/vigie.yaml': config, ...more };
  const result = loadConfig('/etc/vigie/vigie.yaml', { ...environmentWith(files), env });
  if (!result.config) throw new Error(JSON.stringify(result.problems, null, 2));
  return { ...result, config: result.config };
}

describe('loadConfig: a contract that replaces others', () => {
  const replacing = (from: string, former: string): string =>
    CONTRACT.replace('period:', `effective: { from: '${from}', replaces: ${former} }\nperiod:`);

  it('brings them along, the latest first, and has all their files watched', () => {
    const { config, files } = load(`contract: contract.yaml\nregion: r1`, {
      '/etc/vigie/contract.yaml': replacing('2026-07-01', 'older/second.yaml'),
      '/etc/vigie/older/second.yaml': replacing('2026-03-01', 'first.yaml').replace("'1'", "'2'"),
      '/etc/vigie/older/first.yaml': CONTRACT,
    });
    expect(config.formerContracts?.map(({ version }) => version)).toEqual(['2', '1']);
    expect(files).toEqual([
      '/etc/vigie/vigie.yaml',
      '/etc/vigie/contract.yaml',
      '/etc/vigie/older/second.yaml',
      '/etc/vigie/older/first.yaml',
    ]);
  });

  it('refuses the configuration for what is wrong with one of them, at its own place', () => {
    const files = {
      '/etc/vigie/vigie.yaml': 'contract: contract.yaml\nregion: r1',
      '/etc/vigie/contract.yaml': replacing('2026-07-01', 'first.yaml'),
      '/etc/vigie/first.yaml': CONTRACT.replace("'99.9'", "'100'"),
    };
    const { config, problems } = loadConfig('/etc/vigie/vigie.yaml', environmentWith(files));
    expect(config).toBeUndefined();
    expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([
      { place: { file: '/etc/vigie/first.yaml', line: 9 }, path: 'rows[0].target' },
    ]);
  });
});

describe('loadConfig: a check of durability', () => {
  it('says how many objects a good slot vouches for; others do not', () => {
    const contract =
      CONTRACT + "  - { id: keep, clause: '2', title: Keep, type: durability, target: '99.9' }\n";
    const account =
      'endpoint: "https://127.0.0.1:1", region: r1, accessKey: { env: KEY }, secretKey: { env: KEY }';
    const settings = `{ ${account}, bucket: own, seed: { env: KEY }, sentinels: 40, createUntil: "2026-03-01T00:00:00Z" }`;
    const { config } = load(
      `contract: contract.yaml
region: r1
checks:
  - { ${CHECK} }
  - { id: keep, probe: object-durability, row: keep, interval: 1m, timeout: 10s, with: ${settings} }`,
      { '/etc/vigie/contract.yaml': contract },
      { KEY: 'hunter2hunter2' },
    );
    expect(config.checks.map(({ objects }) => objects)).toEqual([undefined, 40]);
  });
});

describe('loadConfig: a configuration is completed', () => {
  it('fills in every default', () => {
    const { config, problems } = load(`contract: contract.yaml\nregion: r1\nchecks: [{ ${CHECK} }]`);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      path: '/etc/vigie/vigie.yaml',
      region: 'r1',
      subregions: undefined,
      regionSubregions: ['r1a', 'r1b'],
      vantages: ['local'],
      windowUrl: undefined,
      dataDir: '/etc/vigie/data',
      listen: { host: '127.0.0.1', port: 9464 },
      compositions: [],
      exclusions: [],
      references: [],
      alerting: { alertmanagers: [], push: false },
    });
    expect(config.checks).toMatchObject([
      {
        id: 'web',
        probe: 'tcp',
        row: 'web',
        scope: 'region',
        intervalMs: 10_000,
        timeoutMs: 3_000,
        attempts: 1,
        confirm: 2,
        vantages: ['local'],
        settings: { host: '127.0.0.1', port: 80 },
        expectations: {},
      },
    ]);
  });

  it('prefers the subregions of the configuration to those of the contract', () => {
    const { config } = load(
      'contract: contract.yaml\nregion: r1\ndeployment: { subregions: [x], regionSubregions: [x, y] }',
    );
    expect(config.regionSubregions).toEqual(['x', 'y']);
    expect(config.subregions).toEqual(['x']);
  });

  it('gives references and checks all vantages unless they name some', () => {
    const { config } = load(`
contract: contract.yaml
region: r1
vantages: [a, b, c]
egress: { references: [{ host: h, port: 1 }, { host: h, port: 2, vantages: [c] }] }
checks: [{ ${CHECK}, vantages: [b] }]`);
    expect(config.references.map(({ vantages }) => vantages)).toEqual([['a', 'b', 'c'], ['c']]);
    expect(config.checks[0]?.vantages).toEqual(['b']);
  });

  it('reads limits that are durations in milliseconds, and keeps the defaults of the kind beside them', () => {
    const { config } = load(`
contract: contract.yaml
region: r1
checks:
  - id: web
    probe: http
    row: web
    interval: PT10S
    timeout: 2s500ms
    with: { url: 'http://127.0.0.1/' }
    expect: { latency: { below: 500ms }, httpVersion: '1.1' }`);
    expect(config.checks[0]).toMatchObject({ intervalMs: 10_000, timeoutMs: 2_500 });
    expect(config.checks[0]?.expectations).toEqual({
      status: { atLeast: 200, atMost: 399 },
      latency: { below: 500 },
      httpVersion: { is: '1.1' },
    });
  });

  it('reads instants with any offset, and leaves absent restrictions out', () => {
    const { config } = load(`
contract: contract.yaml
region: r1
exclusions:
  - { id: m, kind: maintenance, from: "2026-03-10T22:00:00+01:00", to: "2026-03-10T23:00:00Z", reason: r, author: a }`);
    expect(config.exclusions).toEqual([
      {
        id: 'm',
        kind: 'maintenance',
        fromMs: Date.UTC(2026, 2, 10, 21),
        toMs: Date.UTC(2026, 2, 10, 23),
        reason: 'r',
        author: 'a',
      },
    ]);
  });

  it('follows merge keys and aliases', () => {
    const { config } = load(`
contract: contract.yaml
region: r1
checks:
  - &first { ${CHECK} }
  - { <<: *first, id: other, with: { host: 127.0.0.2, port: 80 } }`);
    expect(config.checks.map(({ id, intervalMs }) => [id, intervalMs])).toEqual([
      ['web', 10_000],
      ['other', 10_000],
    ]);
  });
});

describe('loadConfig: secrets', () => {
  const text = `
contract: contract.yaml
region: r1
window: { url: { env: REDIS } }
checks:
  - id: web
    probe: http
    row: web
    interval: 10s
    timeout: 3s
    with: { url: 'http://127.0.0.1/', headers: { x-env: { env: TOKEN }, x-file: { file: token.txt } } }`;
  const files = { '/etc/vigie/token.txt': 'from-file\r\n' };
  const env = { TOKEN: 'from-env', REDIS: 'redis://:hunter2@127.0.0.1/' };

  it('come from the environment and from files beside the configuration, without the last line break', () => {
    const { config } = load(text, files, env);
    const settings = config.checks[0]?.settings as { headers: Record<string, Secret> } | undefined;
    expect(settings?.headers['x-env']?.reveal()).toBe('from-env');
    expect(settings?.headers['x-file']?.reveal()).toBe('from-file');
    expect(config.windowUrl).toBe(env.REDIS);
  });

  it('do not print', () => {
    const { config } = load(text, files, env);
    const printed = inspect(config.checks, { depth: null }) + JSON.stringify(config.checks);
    expect(printed).toContain('[secret]');
    expect(printed).not.toMatch(/from-env|from-file/);
  });

  it('are watched for changes with the other files', () => {
    expect(load(text, files, env).files).toEqual([
      '/etc/vigie/vigie.yaml',
      '/etc/vigie/contract.yaml',
      '/etc/vigie/token.txt',
    ]);
  });
});
