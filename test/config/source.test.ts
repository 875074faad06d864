import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadContract } from '../../src/config/former-contracts.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import { loadConfig } from '../../src/config/load.ts';
import { environmentWith } from './loading.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-config-'));
  mkdirSync(join(folder, 'folder'));
  symlinkSync('loop', join(folder, 'loop'));
  writeFileSync(join(folder, 'huge'), Buffer.alloc(1_048_577, '#'));
  writeFileSync(join(folder, 'largest'), Buffer.alloc(1_048_576, '#'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('loadConfig: a file that cannot be read is one problem, never an exception', () => {
  it.each([
    ['nowhere', 'there is no such file'],
    ['largest/below-a-file', 'there is no such file: part of its path is not a directory'],
    ['folder', 'it is a directory, not a file'],
    ['loop', 'its links lead in a circle'],
    ['huge', 'it is larger than 1 MiB, or no regular file'],
    ['largest', 'the file is empty, expected a map'],
  ])('%s', (name, message) => {
    const path = join(folder, name);
    const environment = { ...environmentWith({}), readFile: readTextFile };
    const place = { file: path, line: 1, column: 1 };
    const problems = [{ severity: 'error', place, path: '', message }];
    expect(loadConfig(path, environment)).toEqual({ config: undefined, problems, files: [path] });
    expect(loadContract(path, environment)).toEqual({ contract: undefined, problems });
  });

  it('refuses a device, which has no end', () => {
    const { problems } = loadConfig('/dev/zero', { ...environmentWith({}), readFile: readTextFile });
    expect(problems.map(({ message }) => message)).toEqual(['it is larger than 1 MiB, or no regular file']);
  });

  it('refuses a text of more than 1 MiB, whoever read it', () => {
    const { problems } = loadConfig('x', environmentWith({ x: '#'.repeat(1_048_577) }));
    expect(problems.map(({ message }) => message)).toEqual(['it is larger than 1 MiB, or no regular file']);
  });
});

describe('loadConfig: a hostile text is refused in reasonable time', () => {
  it.each([
    ['brackets in brackets', '['.repeat(100_000)],
    ['maps in maps', Array.from({ length: 3_000 }, (_, depth) => `${' '.repeat(depth % 300)}a:`).join('\n')],
    ['aliases that grow', `a: &a [${'x,'.repeat(50_000)}]\nb: [${'*a,'.repeat(50_000)}]`],
    ['an alias in the merge of itself', 'a: &a { <<: *a }'],
    ['a key of the language', '__proto__: { polluted: true }\nconstructor: { prototype: 1 }'],
  ])('%s', (_, text) => {
    const { config, problems } = loadConfig('x', environmentWith({ x: text }));
    expect(config).toBeUndefined();
    expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('shippedContract', () => {
  it('knows the contracts of config/contracts, and no other file', () => {
    expect(shippedContract('outscale-secnumcloud')).toMatch(/config\/contracts\/outscale-secnumcloud\.yaml$/);
    expect(shippedContract('nothing-like-it')).toBeUndefined();
  });
});
