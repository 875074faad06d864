import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/config/former-contracts.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { environmentOf } from './loading.ts';

const FOLDER = join(import.meta.dirname, '../config-errors');

function mistakesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length));
}

function expectedOf(folder: string, mistake: string): readonly string[] {
  return readFileSync(join(folder, `${mistake}.txt`), 'utf8')
    .split('\n')
    .filter(Boolean);
}

describe('loadConfig: each mistake has its exact message', () => {
  it.each(mistakesIn(FOLDER))('%s', (mistake) => {
    const { config, problems } = loadConfig(`${mistake}.yaml`, environmentOf(FOLDER));
    expect(problems.map(formatProblem)).toEqual(expectedOf(FOLDER, mistake));
    expect(config === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
  });
});

describe('loadConfig: a secret written out', () => {
  it.each(mistakesIn(FOLDER))('is not in the messages of %s', (mistake) => {
    const { problems } = loadConfig(`${mistake}.yaml`, environmentOf(FOLDER));
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('loadContract: each mistake has its exact message', () => {
  const folder = join(FOLDER, 'contract');
  it.each(mistakesIn(folder))('%s', (mistake) => {
    const { contract, problems } = loadContract(`${mistake}.yaml`, environmentOf(folder));
    expect(problems.map(formatProblem)).toEqual(expectedOf(folder, mistake));
    expect(contract === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
  });
});
