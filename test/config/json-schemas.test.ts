import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { probeKinds } from '../../probes/index.ts';
import { jsonSchemas } from '../../src/config/json-schemas.ts';

const schemas = jsonSchemas(probeKinds());

function validatorOf(schema: object) {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(schema);
  return (data: unknown): readonly string[] => {
    validate(data);
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

const config = validatorOf(schemas.config);
const contract = validatorOf(schemas.contract);

function shipped(path: string): unknown {
  return parse(readFileSync(join(import.meta.dirname, '../../config', path), 'utf8'), { merge: true });
}

const CHECK = { id: 'a', row: 'r', interval: '10s', timeout: '1s' };
const withCheck = (check: object) => ({ contract: 'c', region: 'r', checks: [{ ...CHECK, ...check }] });

describe('jsonSchemas: what the editor says is what loading says', () => {
  it.each(['examples/outside.yaml', 'examples/inside.yaml'])('config accepts %s', (path) => {
    expect(config(shipped(path))).toEqual([]);
  });

  it.each(['contracts/outscale-secnumcloud.yaml', 'contracts/example-hosting.yaml'])(
    'contract accepts %s',
    (path) => {
      expect(contract(shipped(path))).toEqual([]);
    },
  );

  it('config holds `with` to the settings of the probe that the check names', () => {
    expect(config(withCheck({ probe: 'tcp', with: { host: 'h', port: 1 } }))).toEqual([]);
    expect(config(withCheck({ probe: 'tcp', with: { server: 'h', name: 'n' } })).join()).toContain('server');
    expect(config(withCheck({ probe: 'dns', with: { server: 'h', name: 'n' } }))).toEqual([]);
    expect(config(withCheck({ probe: 'dns', with: { server: 'h', name: 'n', transport: 'x' } }))).not.toEqual(
      [],
    );
  });

  it('config wants a latency to be held to limits with a unit', () => {
    const tcp = { probe: 'tcp', with: { host: 'h', port: 1 } };
    const expecting = (latency: unknown): unknown => withCheck({ ...tcp, expect: { latency } });
    expect(config(expecting({ below: '500ms' }))).toEqual([]);
    for (const wrong of [500, '500ms', { below: 500 }, { is: '500ms' }])
      expect(config(expecting(wrong)).join()).toContain('/checks/0/expect/latency');
  });

  it('config knows the kinds of probes and refuses unknown keys', () => {
    expect(config(withCheck({ probe: 'smtp', with: {} })).join()).toContain('/checks/0/probe');
    expect(
      config({ ...withCheck({ probe: 'tcp', with: { host: 'h', port: 1 } }), colour: 1 }).join(),
    ).toContain('colour');
  });

  it('contract wants targets in quotes', () => {
    const row = { id: 'r', clause: '1', title: 't', type: 'availability', period: 'month' };
    const base = { id: 'c', version: '1', timezone: 'Etc/UTC', period: {}, readings: { only: {} } };
    expect(contract({ ...base, rows: [{ ...row, target: '99.9' }] })).toEqual([]);
    expect(contract({ ...base, rows: [{ ...row, target: 99.9 }] })).not.toEqual([]);
    expect(contract({ ...base, rows: [{ ...row, target: '99,9' }] })).not.toEqual([]);
  });

  it('refers only to definitions that are there', () => {
    for (const schema of [schemas.config, schemas.contract]) {
      const references = JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g);
      for (const [, name] of references) expect(schema['definitions']).toHaveProperty([name ?? '']);
    }
  });
});
