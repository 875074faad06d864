import { expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { createLog, type LogOptions } from '../../src/export/log.ts';
import { RedisFailure } from '../../src/window/redis-code.ts';
import { WindowStoreError } from '../../src/window/store-error.ts';
import { FakeClock } from '../fake-clock.ts';

function logTo(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    clock: new FakeClock('2026-03-01T12:34:56.789Z'),
    level: 'info',
    format: 'json',
    destination: { write: (line) => void lines.push(line) },
    ...options,
  });
  return { log, lines };
}

function secret(value: string): Secret {
  const hidden = new Secret({ env: 'TOKEN' });
  hidden.resolve(() => value);
  return hidden;
}

test.each(['json', 'text'] as const)('no secret reaches a line, in %s', (format) => {
  const { log, lines } = logTo({ format });
  const password = 'hunter2';
  log.info({ key: secret(password) }, `with ${String(secret(password))}`);
  log.info({ request: { headers: { authorization: password } } });
  log.info({ headers: { cookie: password }, password, targets: [{ token: password }] });
  log.info({ url: `redis://user:${password}@10.0.0.1:6379/0` }, `cannot reach redis://:${password}@10.0.0.1`);
  log.child({ secretKey: password }).warn('from a child');
  const failure = new Error(`GET https://u:${password}@api.example.org/ failed`, {
    cause: Object.assign(new Error('inner'), { request: { headers: password } }),
  });
  log.error({ err: Object.assign(failure, { response: { headers: { 'set-cookie': password } } }) }, 'failed');
  expect(lines.join('')).not.toContain(password);
  expect(lines.length).toBe(6);
  expect(lines.join('')).toContain('redis://[secret]@10.0.0.1:6379/0');
});

test('json: one object a line, the clock of the process, the level by name', () => {
  const { log, lines } = logTo();
  log.warn({ check: 'web' }, 'late');
  expect(lines).toEqual(['{"level":"warn","time":"2026-03-01T12:34:56.789Z","check":"web","msg":"late"}\n']);
});

test('json: an error shows its code and its causes', () => {
  const { log, lines } = logTo();
  const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
  log.error({ err: new Error('no store', { cause }) }, 'window store');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    err: { type: 'Error', message: 'no store', cause: { code: 'ECONNREFUSED', message: 'connect refused' } },
  });
});

test('text: one readable line; what a server sent can neither forge a line nor move the cursor', () => {
  const { log, lines } = logTo({ format: 'text' });
  log.info({ check: 'web', count: 2 }, 'banner \u001b[2J\r\n12:00:00 info  all is well');
  expect(lines).toEqual([
    '12:34:56 info  banner \\u001b[2J\\u000d\\u000a12:00:00 info  all is well check=web count=2\n',
  ]);
});

test.each([
  new WindowStoreError('away', 'the shared windows cannot be had: CLOSED', { cause: new Error('inner') }),
  new RedisFailure('CLOSED'),
])('trouble that is expected is one clear line without a stack: %s', (err) => {
  for (const format of ['json', 'text'] as const) {
    const { log, lines } = logTo({ format });
    log.error({ err }, 'the ledger cannot be read');
    expect(lines.join('')).toContain(err.message);
    expect(lines.join('')).not.toMatch(/    at |inner/);
    expect(lines.join('').split('\n')).toHaveLength(2);
  }
});

test('trouble with the windows that nobody foresaw keeps its stack and its cause', () => {
  const { log, lines } = logTo();
  const cause = new TypeError('inner');
  log.error({ err: new WindowStoreError('broken', 'the shared windows failed', { cause }) }, 'failed');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    err: { stack: expect.stringContaining('    at '), cause: { type: 'TypeError', message: 'inner' } },
  });
});

test('level: lines below it are not written', () => {
  const { log, lines } = logTo({ level: 'error' });
  log.info('nothing');
  log.error('something');
  expect(lines).toHaveLength(1);
});
