import { describe, expect, test } from 'vitest';
import { negotiateFormat } from '../../src/export/negotiation.ts';

describe('negotiateFormat', () => {
  test.each([
    [undefined, 'prometheus'],
    ['', 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'prometheus'],
    ['application/openmetrics-text', 'openmetrics'],
    ['application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5', 'openmetrics'],
    ['application/openmetrics-text;q=0.5, text/plain', 'prometheus'],
    ['application/openmetrics-text;q=0', 'prometheus'],
    ['application/openmetrics-text;q=seven', 'prometheus'],
    ['APPLICATION/OpenMetrics-Text ; Q=1', 'openmetrics'],
  ])('Accept %j is %s', (accept, syntax) => {
    expect(negotiateFormat(accept, undefined).syntax).toBe(syntax);
  });

  test.each([
    [undefined, false],
    ['identity', false],
    ['gzip', true],
    ['deflate, GZIP;q=0.1', true],
    ['gzip;q=0, *', false],
    ['br, *;q=0.5', true],
  ])('Accept-Encoding %j: gzip %s', (acceptEncoding, gzip) => {
    expect(negotiateFormat(undefined, acceptEncoding).gzip).toBe(gzip);
  });
});
