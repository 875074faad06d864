import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHART } from './chart.ts';
import { schemaKeys, valueKeys, valuesReadme } from './values-readme.ts';

const read = (file: string): string => readFileSync(join(CHART, file), 'utf8');

describe('the values of the chart', () => {
  it('are all described, and README.md says what values.yaml and the schema say (-u writes it)', async () => {
    const readme = valuesReadme(read('values.yaml'), read('values.schema.json'));
    await expect(readme).toMatchFileSnapshot(join(CHART, 'README.md'));
  });

  it('are those that the schema allows, and the schema allows no others', () => {
    const allowed = schemaKeys(read('values.schema.json'));
    const given = valueKeys(read('values.yaml'));
    expect(given.filter((key) => !allowed.includes(key))).toEqual([]);
    // What a component may say of its pods is optional, and described once, in pod.
    const optional = /^(?:single|judge)\.(?!vantages|persistence|evidence)|^global$/;
    expect(allowed.filter((key) => !given.includes(key) && !optional.test(key))).toEqual([]);
  });

  it('without a description would be refused', () => {
    expect(() => valuesReadme('a: 1\n', '{"definitions":{}}')).toThrow('a has no description');
  });
});
