import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { drillHelp, parseDrillStep } from '../../src/box/drill.ts';
import { withPortOffset, withVolume } from '../../src/box/port-offset.ts';
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
    ['vm=stopped', { service: 'vm', fault: 'stopped' }],
    ['snapshots', { service: 'snapshots', fault: 'error' }],
    ['zone-a=slow', { problem: '"slow" is no fault of zone-a; expected one of down, none' }],
    ['dns=dead', { problem: '"dead" is no fault of dns; expected one of down, silent, slow, wrong, none' }],
    ['dns=', { problem: '"" is no fault of dns; expected one of down, silent, slow, wrong, none' }],
  ])('%s', (text, step) => {
    expect(parseDrillStep(text)).toEqual(step);
  });
});

describe('drillHelp', () => {
  test('every service with every fault of it, as it is typed, and what it means', () => {
    const help = drillHelp();
    for (const { name, faults } of BOX_SERVICES)
      for (const fault of faults) expect(help).toMatch(new RegExp(`^  ${name}=${fault} +\\S`, 'm'));
    expect(help).toMatch(/^ {2}vm=down +it has stopped, and a start of it is refused/m);
    expect(Math.max(...help.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
  });
});

describe('withVolume', () => {
  test('a folder of any name, within single quotes', () => {
    expect(withVolume("file: '/mnt/box/x.probe'", "/tmp/it's")).toBe("file: '/tmp/it''s/x.probe'");
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

  const place = { portOffset: 500, folder: '/mnt/box' };

  test('has no error and no warning: every row that can be measured is', () => {
    expect(defaultConfigProblems(kinds, place)).toEqual([]);
  });

  test('every row but support has a check or, promised for nothing, none; the subregions one each', () => {
    const { contract, checks, compositions } = defaultConfig(kinds, place);
    const members = [...checks, ...compositions].map(({ row, scope }) => `${row} ${scope}`);
    for (const { id, type } of contract.rows.filter((row) => row.type !== 'support'))
      expect([id, members.some((member) => member.startsWith(`${id} `))]).toEqual([id, type !== 'none']);
    for (const letter of ['a', 'b', 'c']) expect(members).toContain(`sla1.az cloudgouv-eu-west-1${letter}`);
    expect(members).toContain('sla9.hardware server-1');
  });

  test('looks at every door of the box, and at nothing else', () => {
    const { checks } = defaultConfig(kinds, place);
    const looked = new Set(checks.flatMap(({ settings }) => targetPorts(settings)));
    const doors = BOX_SERVICES.flatMap(({ port }) => (port === undefined ? [] : [port + place.portOffset]));
    expect(looked).toEqual(new Set(doors));
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
