import { describe, expect, it } from 'vitest';
import { nearest, suggest } from '../../src/config/nearest.ts';

describe('nearest: the word that was probably meant', () => {
  it.each<[string, string | undefined, string]>([
    ['inteval', 'interval', 'a letter left out'],
    ['intervall', 'interval', 'a letter too many'],
    ['intervel', 'interval', 'another letter'],
    ['itnerval', 'interval', 'two letters swapped'],
    ['Interval', 'interval', 'another case'],
    ['tpc', 'tcp', 'a swap in a short word'],
    ['timeout', 'timeout', 'the word itself'],
    ['colour', undefined, 'nothing like it'],
    ['d', undefined, 'too short to tell'],
    ['', undefined, 'nothing'],
  ])('%s → %s: %s', (word, meant) => {
    expect(nearest(word, ['timeout', 'interval', 'tcp', 'a'])).toBe(meant);
  });

  it('takes the nearest of several', () => {
    expect(nearest('sla4.apj', ['sla4.ap', 'sla5.api', 'sla4.api'])).toBe('sla4.ap');
    expect(nearest('sla4.apii', ['sla5.api', 'sla4.api'])).toBe('sla4.api');
  });
});

describe('suggest', () => {
  it('lists what there is when nothing is near, the first sixteen of many', () => {
    expect(suggest('x', [])).toBe('; there is none');
    expect(suggest('x', ['web'])).toBe('; there is web');
    const many = Array.from({ length: 17 }, (_, index) => `row${index}`);
    expect(suggest('x', many)).toBe(`; there are ${many.slice(0, 16).join(', ')} …`);
  });
});
