import { hashSync } from 'bcryptjs';
import { createPrivateKey } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { selfSigned } from '../servers/certificate.ts';
import { findProgram } from '../servers/packages.ts';
import { environmentWith } from './loading.ts';

const CONTRACT = `
id: plain
version: '1'
timezone: Etc/UTC
period: { month: calendar, year: calendar }
readings: { only: {} }
rows: [{ id: web, clause: '1', title: Web, type: availability, target: '99.9', period: month }]
`;
const facts = { names: ['localhost'], fromMs: 0, toMs: 2e12 };
const [own, other] = [selfSigned(facts), selfSigned(facts)];
const HASH = hashSync('x', 4);

const FILES = {
  'contract.yaml': CONTRACT,
  '/etc/vigie/tls.crt': own.cert,
  '/etc/vigie/tls.key': own.key,
  '/etc/vigie/other.key': other.key,
  '/etc/vigie/torn.key': own.key.slice(0, 80),
  '/etc/vigie/sealed.key': createPrivateKey(own.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  }),
  '/etc/vigie/alice': `${HASH}\n`,
};

function load(web: string, more = '', webConfigFile?: string) {
  const configuration = `contract: contract.yaml\nregion: r\n${more}\n${webConfigFile === undefined ? web : ''}\n`;
  const files = {
    ...FILES,
    'vigie.yaml': configuration,
    ...(webConfigFile !== undefined && { [webConfigFile]: web }),
  };
  const {
    config,
    problems,
    files: read,
  } = loadConfig('vigie.yaml', {
    ...environmentWith(files),
    ...(webConfigFile !== undefined && { webConfigFile }),
  });
  return {
    config,
    read,
    problems: problems.filter(({ severity }) => severity === 'error').map(formatProblem),
  };
}

const tls = (key: string, more = '') =>
  `tls_server_config: { cert_file: /etc/vigie/tls.crt, key_file: /etc/vigie/${key}${more} }`;

describe('the section web', () => {
  it('is read with its files, which are watched', () => {
    const { config, problems, read } = load(
      `web:\n  ${tls('tls.key', ', client_auth_type: VerifyClientCertIfGiven, client_ca_file: /etc/vigie/tls.crt, min_version: TLS13')}\n` +
        `  http_server_config: { headers: { Strict-Transport-Security: max-age=1 } }\n` +
        `  basic_auth_users: { alice: { file: /etc/vigie/alice }, bob: ${HASH} }`,
    );
    expect(problems).toEqual([]);
    expect(config?.web).toEqual({
      tls: {
        ...own,
        clientCa: own.cert,
        clientAuth: 'VerifyClientCertIfGiven',
        minVersion: 'TLSv1.3',
      },
      users: new Map([
        ['alice', HASH],
        ['bob', HASH],
      ]),
      headers: { 'Strict-Transport-Security': 'max-age=1' },
    });
    for (const file of ['/etc/vigie/tls.crt', '/etc/vigie/tls.key', '/etc/vigie/alice'])
      expect(read).toContain(file);
  });

  it.each([
    ['other.key', 'the key is not that of the certificate'],
    ['torn.key', 'no private key in PEM'],
    ['sealed.key', 'an encrypted key'],
    ['tls.crt', 'no private key in PEM'],
  ])('a key that cannot be used: %s', (key, message) => {
    const { config, problems } = load(`web:\n  ${tls(key)}`);
    expect(config).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^vigie.yaml:5:\d+: error: web.tls_server_config /);
    expect(problems[0]).toContain(message);
  });

  it('authorities without anybody to verify are a mistake, not a comfort', () => {
    const { problems } = load(`web:\n  ${tls('tls.key', ', client_ca_file: /etc/vigie/tls.crt')}`);
    expect(problems[0]).toContain('verifies nobody');
  });
});

describe('--web.config.file', () => {
  const web = (text: string) => load(text, 'web: { basic_auth_users: {} }', '/etc/vigie/web.yml');

  it('stands in the place of the section, and its paths begin where it is', () => {
    const { config, problems, read } = web(
      `tls_server_config: { cert_file: tls.crt, key_file: tls.key }\nbasic_auth_users: { bob: ${HASH} }`,
    );
    expect(problems).toEqual([]);
    expect(config?.web?.tls?.key).toBe(own.key);
    expect([...(config?.web?.users.keys() ?? [])]).toEqual(['bob']);
    expect(read).toContain('/etc/vigie/web.yml');
  });

  it('its mistakes are told at their places in it', () => {
    expect(web('basic_auth_users:\n  bob: hunter2').problems[0]).toMatch(
      /^\/etc\/vigie\/web.yml:2:8: error: basic_auth_users.bob is text, expected a bcrypt hash/,
    );
    expect(web('tls_server_config: { cert_file: none.crt, key_file: tls.key }').problems[0]).toContain(
      '/etc/vigie/web.yml:1:33: error: tls_server_config.cert_file is "none.crt", but there is no such file',
    );
    expect(web('{').problems[0]).toMatch(/^\/etc\/vigie\/web.yml:1:/);
  });

  it('a file that is not there refuses the configuration', () => {
    const { config, problems } = loadConfig('vigie.yaml', {
      ...environmentWith({ ...FILES, 'vigie.yaml': 'contract: contract.yaml\nregion: r\n' }),
      webConfigFile: '/etc/vigie/web.yml',
    });
    expect(config).toBeUndefined();
    expect(problems.map(formatProblem)).toContain('/etc/vigie/web.yml:1:1: error: there is no such file');
  });
});

describe('access', () => {
  const access = (text: string, web = '') => load(web, text).config?.access;

  it.each([
    ['nothing is said', '', '', 'read'],
    ['a token may write', 'access: { token: { file: /etc/vigie/alice } }', '', 'read'],
    ['tokens are given', 'access: { tokens: [{ name: a, token: { file: /etc/vigie/alice } }] }', '', 'none'],
    ['there are users', '', `web: { basic_auth_users: { bob: ${HASH} } }`, 'none'],
    ['a proxy tells', 'access: { trustedProxies: [10.0.0.1] }', '', 'none'],
    ['it is said', 'access: { trustedProxies: [10.0.0.1], anonymous: metrics }', '', 'metrics'],
    [
      'clients are verified',
      '',
      `web: { ${tls('tls.key', ', client_auth_type: RequireAndVerifyClientCert, client_ca_file: /etc/vigie/tls.crt')} }`,
      'none',
    ],
  ])('who is not known where %s', (_what, text, web, anonymous) => {
    expect(access(text, web)?.anonymous).toBe(anonymous);
  });

  it('tokens with their secrets; who writes may read; hosts with that of alerting.url', () => {
    const settings = access(
      'access: { token: { file: /etc/vigie/alice }, hosts: [Vigie.Example], tokens: [{ name: ci, token: { file: /etc/vigie/alice }, rights: [write] }] }\n' +
        'alerting: { url: "https://Vigie.example.org/" }',
    );
    expect(settings?.tokens.map(({ name, token, rights }) => [name, token.reveal(), rights])).toEqual([
      ['access.token', HASH, ['read', 'write']],
      ['ci', HASH, ['read', 'write']],
    ]);
    expect(settings?.hosts).toEqual(['vigie.example', 'vigie.example.org']);
    expect(JSON.stringify(settings)).not.toContain(HASH);
  });

  it('a writer may be anyone that a proxy names', () => {
    expect(load('', 'access: { trustedProxies: [10.0.0.1], writers: [anyone] }').problems).toEqual([]);
    expect(load('', 'access: { writers: [anyone] }').problems).toHaveLength(1);
  });
});

describe.skipIf(!findProgram('promtool'))(
  'the shape of the exporter toolkit (needs promtool from prometheus)',
  () => {
    it('promtool takes the file that we take', () => {
      const folder = mkdtempSync(join(tmpdir(), 'vigie-web-'));
      const text = `tls_server_config:
  cert_file: tls.crt
  key_file: tls.key
  client_auth_type: VerifyClientCertIfGiven
  client_ca_file: tls.crt
  min_version: TLS12
  max_version: TLS13
  prefer_server_cipher_suites: true
http_server_config:
  http2: false
  headers: { Strict-Transport-Security: max-age=1, X-Frame-Options: deny }
basic_auth_users: { bob: ${HASH} }
`;
      try {
        for (const [name, content] of Object.entries({
          'tls.crt': own.cert,
          'tls.key': own.key,
          'web.yml': text,
        }))
          writeFileSync(join(folder, name), content);
        const promtool = findProgram('promtool') ?? '';
        execFileSync(promtool, ['check', 'web-config', join(folder, 'web.yml')], { stdio: 'pipe' });
        expect(load(text, '', '/etc/vigie/web.yml').problems).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
