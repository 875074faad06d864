import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { parseDrillStep } from '../../src/box/drill.ts';
import { withPortOffset } from '../../src/box/port-offset.ts';
import { BOX_SERVICES } from '../../src/box/services.ts';
import { DEFAULT_CONFIG, defaultConfig, defaultConfigProblems } from './default-config.ts';

describe('parseDrillStep', () => {
  const NAMES = BOX_SERVICES.map(({ name }) => name).join(', ');

  test.each([
    ['dns', { service: 'dns', fault: 'down' }],
    ['object-storage=slow', { service: 'object-storage', fault: 'slow' }],
    ['ntp=wrong', { service: 'ntp', fault: 'wrong' }],
    ['api=none', { service: 'api', fault: undefined }],
    ['dsn', { problem: `"dsn" names no service of the box; expected one of ${NAMES}` }],
    ['', { problem: `"" names no service of the box; expected one of ${NAMES}` }],
    ['dns=slow=down', { problem: `"dns=slow=down" names no service of the box; expected one of ${NAMES}` }],
    ['dns=dead', { problem: '"dead" is no fault of dns; expected one of down, silent, slow, wrong, none' }],
    ['dns=', { problem: '"" is no fault of dns; expected one of down, silent, slow, wrong, none' }],
  ])('%s', (text, step) => {
    expect(parseDrillStep(text)).toEqual(step);
  });
});

describe('withPortOffset', () => {
  test.each([
    ['http://127.0.0.1:21080/api', 'http://127.0.0.1:22080/api'],
    ['{ host: 127.0.0.1, port: 21179, banner: {} }', '{ host: 127.0.0.1, port: 22179, banner: {} }'],
    ['listen: { host: 127.0.0.1, port: 9464 }', 'listen: { host: 127.0.0.1, port: 9464 }'],
    ['port: 21054', 'port: 21054'],
    ['port: 210531', 'port: 210531'],
    ['http://192.0.2.1:21080/', 'http://192.0.2.1:21080/'],
    ['transport: 21053', 'transport: 21053'],
  ])('%s', (text, shifted) => {
    expect(withPortOffset(text, 1_000)).toBe(shifted);
  });

  test('an offset of 0 changes nothing', () => {
    const text = readFileSync(DEFAULT_CONFIG, 'utf8');
    expect(withPortOffset(text, 0)).toBe(text);
  });
});

describe('config/vigie.yaml', () => {
  const kinds = probeKinds();
  afterAll(async () => {
    for (const kind of kinds.values()) await kind.close();
  });

  test('has no error, and no warning but of the rows that no probe can look at', () => {
    const messages = defaultConfigProblems(kinds, 0).map(({ message }) => message);
    expect(messages).toEqual([expect.stringMatching(/^measure nothing of these \d+ rows of the contract: /)]);
  });

  test('looks at every service of the box, and at nothing else', () => {
    const OFFSET = 500;
    const { checks } = defaultConfig(kinds, OFFSET);
    const looked = new Set(checks.flatMap(({ settings }) => targetPorts(settings)));
    expect(looked).toEqual(new Set(BOX_SERVICES.map(({ port }) => port + OFFSET)));
  });
});

/** Every port that is looked at, but those where nobody is to be found. */
function targetPorts(settings: unknown): readonly number[] {
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.entries(settings).flatMap(([name, value]: readonly [string, unknown]) => {
    if (name === 'url' || name === 'endpoint') return [Number(new URL(String(value)).port)];
    if (name === 'port' && typeof value === 'number') return [value];
    return name === 'denied' ? [] : targetPorts(value);
  });
}
