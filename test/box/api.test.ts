import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type SigningAlgorithm,
  type SigningKey,
  sha256Hex,
  signedHeaders,
} from '../../probes/wire/signature-v4.ts';
import type { Box } from '../../src/box/box.ts';
import { BOX_KEY } from '../../src/box/keys.ts';
import { checkSignature as checkIndependently } from '../servers/outscale/signature-check.ts';
import { portOf, startedBox } from './started-box.ts';

interface Signing {
  readonly key?: SigningKey;
  readonly algorithm?: SigningAlgorithm;
  readonly service?: string;
  readonly region?: string;
  readonly atMs?: number;
  /** What is sent in the place of the body that was signed. */
  readonly sent?: string;
}

const REGION = 'cloudgouv-eu-west-1';
let box: Box;

beforeAll(async () => {
  ({ box } = await startedBox());
});

afterAll(() => box.stop());

/** Calls as a client does that signs. */
async function call(action: string, parameters: object = {}, how: Signing = {}) {
  const { algorithm = 'OSC4-HMAC-SHA256', service = 'api', region = REGION, key = BOX_KEY } = how;
  const url = new URL(`http://127.0.0.1:${portOf(box, 'api')}/api/v1/${action}`);
  const body = JSON.stringify(parameters);
  const request = {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payloadHash: sha256Hex(body),
  };
  const signed = signedHeaders(request, { algorithm, region, service }, key, how.atMs ?? Date.now());
  const { host: _, ...headers } = signed;
  const answer = await fetch(url, { method: 'POST', headers, body: how.sent ?? body });
  const fields = (await answer.json()) as Readonly<Record<string, unknown>>;
  return { status: answer.status, fields, signed, body };
}

async function stateOf(id: string): Promise<unknown> {
  const { fields } = await call('ReadVmsState', { AllVms: true, Filters: { VmIds: [id] } });
  return fields['VmStates'];
}

describe('api: signatures', () => {
  test.each(['OSC4-HMAC-SHA256', 'AWS4-HMAC-SHA256'] as const)('%s: taken', async (algorithm) => {
    expect(await call('ReadNets', {}, { algorithm })).toMatchObject({ status: 200, fields: { Nets: [{}] } });
  });

  test('what is taken is what an independent check takes', async () => {
    const { signed, body } = await call('ReadNets');
    const asked = { method: 'POST', path: '/api/v1/ReadNets', headers: signed, body: Buffer.from(body) };
    const scope = { region: REGION, service: 'api' };
    expect(checkIndependently(asked, () => BOX_KEY.secretKey, scope, Date.now())).toMatchObject({
      kind: 'valid',
    });
  });

  const MINUTE_MS = 60_000;
  test.each<[string, Signing, number, string]>([
    ['another secret', { key: { ...BOX_KEY, secretKey: 'wrong' } }, 401, '1'],
    ['another key', { key: { ...BOX_KEY, accessKey: 'AK' } }, 400, '4120'],
    ['another service', { service: 'fcu' }, 401, '1'],
    ['another region', { region: 'eu-west-2' }, 401, '1'],
    ['a date six minutes off', { atMs: Date.now() - 6 * MINUTE_MS }, 401, '1'],
    ['another body than was signed', { sent: '{"DryRun":false}' }, 401, '1'],
  ])('%s: refused', async (_what, how, status, Code) => {
    expect(await call('ReadNets', {}, how)).toMatchObject({ status, fields: { Errors: [{ Code }] } });
  });

  test('a public call with a bad signature is refused as well', async () => {
    const how = { key: { ...BOX_KEY, secretKey: 'wrong' } };
    expect((await call('ReadRegions', {}, how)).status).toBe(401);
  });
});

describe('api: state', () => {
  test('StopVms and StartVms change it, and are on record, the newest first; a wrong state is a conflict', async () => {
    const VmIds = ['i-0b0c5e02'];
    expect((await call('StartVms', { VmIds })).status).toBe(409);
    expect((await call('StopVms', { VmIds })).status).toBe(200);
    expect(await stateOf('i-0b0c5e02')).toMatchObject([{ VmState: 'stopped' }]);
    expect((await call('ReadVmsState', { Filters: { VmIds } })).fields['VmStates']).toEqual([]);
    expect((await call('StartVms', { VmIds, DryRun: true })).status).toBe(200);
    expect(await stateOf('i-0b0c5e02')).toMatchObject([{ VmState: 'stopped' }]);
    expect((await call('StartVms', { VmIds })).status).toBe(200);
    expect(await stateOf('i-0b0c5e02')).toMatchObject([{ VmState: 'running' }]);
    const { fields } = await call('ReadApiLogs', {
      Filters: { QueryCallNames: ['StopVms', 'StartVms'] },
      ResultsPerPage: 3,
    });
    const names = ['StartVms', 'StartVms', 'StopVms'];
    expect(fields['Logs']).toMatchObject(names.map((QueryCallName) => ({ QueryCallName })));
    expect(fields['NextPageToken']).toBe('3');
  });

  test.each([['i-ffffffff'], []])('StartVms of a machine that is not there: refused', async (...VmIds) => {
    expect(await call('StartVms', { VmIds })).toMatchObject({ status: 400, fields: { Errors: [{}] } });
  });

  test('vm=down: stopped by nobody, and not to be started; mended, it runs', async () => {
    await box.setFault('vm', 'down');
    expect(await stateOf('i-0b0c5e01')).toMatchObject([{ VmState: 'stopped' }]);
    const refused = await call('StartVms', { VmIds: ['i-0b0c5e01'] });
    expect(refused).toMatchObject({ status: 400, fields: { Errors: [{ Code: '10001' }] } });
    await box.setFault('vm', undefined);
    expect(await stateOf('i-0b0c5e01')).toMatchObject([{ VmState: 'running' }]);
  });

  test('hardware=down: both machines, also when one of them is mended by itself', async () => {
    await box.setFault('vm', 'down');
    await box.setFault('hardware', 'down');
    await box.setFault('vm', undefined);
    expect(await stateOf('i-0b0c5e01')).toMatchObject([{ VmState: 'stopped' }]);
    expect(await stateOf('i-0b0c5e02')).toMatchObject([{ VmState: 'stopped' }]);
    expect(await stateOf('i-0b0c5e0a')).toMatchObject([{ VmState: 'running' }]);
    await box.setFault('hardware', undefined);
    expect(await stateOf('i-0b0c5e01')).toMatchObject([{ VmState: 'running' }]);
  });

  test.each([
    ['error', 'snap-0a1b2c3d', [{ State: 'error', VolumeSize: 1 }]],
    ['lost', 'snap-00000001', []],
    ['altered', 'snap-00000001', [{ State: 'completed', VolumeSize: 2 }]],
  ] as const)('snapshots=%s, and mended', async (fault, id, found) => {
    const read = async (): Promise<unknown> =>
      (await call('ReadSnapshots', { Filters: { SnapshotIds: [id] } })).fields['Snapshots'];
    await box.setFault('snapshots', fault);
    expect(await read()).toMatchObject(found);
    await box.setFault('snapshots', undefined);
    expect(await read()).toMatchObject([{ State: 'completed', VolumeSize: 1 }]);
  });

  test('a backend that is broken is DOWN, and the front passes it over; without any it answers 503', async () => {
    const front = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${portOf(box, 'load-balancer')}/`)).text();
    expect(await front()).toBe('ok from backend-1\n');
    await box.setFault('backend-1', 'down');
    expect(await front()).toBe('ok from backend-2\n');
    const health = await call('ReadVmsHealth', { LoadBalancerName: 'front' });
    expect(health.fields['BackendVmHealth']).toMatchObject([{ State: 'DOWN' }, { State: 'UP' }]);
    await box.setFault('backend-2', 'down');
    expect(await front()).toContain('503');
    await Promise.all([box.setFault('backend-1', undefined), box.setFault('backend-2', undefined)]);
  });

  test('throttled: 503 with code 6, for everyone', async () => {
    await box.setFault('api', 'throttled');
    expect(await call('ReadRegions')).toMatchObject({ status: 503, fields: { Errors: [{ Code: '6' }] } });
    await box.setFault('api', undefined);
  });
});
