import { describe, expect, it } from 'vitest';
import {
  sha256Hex,
  type SignableRequest,
  signedHeaders,
  signingDate,
  type SigningKey,
  type SigningScope,
} from '../../../probes/wire/signature-v4.ts';

function signatureIn(headers: Readonly<Record<string, string>>): string | undefined {
  return /Signature=([0-9a-f]{64})$/.exec(headers['authorization'] ?? '')?.[1];
}

describe('signedHeaders: OSC4-HMAC-SHA256, the check vector of the provider’s scheme', () => {
  const request: SignableRequest = {
    method: 'POST',
    url: new URL('https://api.cloudgouv-eu-west-1.outscale.com/api/v1/ReadVmsState'),
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    payloadHash: sha256Hex('{"AllVms": true}'),
  };
  const scope: SigningScope = {
    algorithm: 'OSC4-HMAC-SHA256',
    region: 'cloudgouv-eu-west-1',
    service: 'api',
  };
  const key: SigningKey = {
    accessKey: '11112211111110000000',
    secretKey: '0000001111112222223333334444445555555666',
  };
  const signed = signedHeaders(request, scope, key, Date.parse('2026-01-02T03:04:05Z'));

  it('gives the signature a077c1a5…, over content-type;host;x-osc-date', () => {
    expect(signed).toEqual({
      'content-type': 'application/json; charset=utf-8',
      host: 'api.cloudgouv-eu-west-1.outscale.com',
      'x-osc-date': '20260102T030405Z',
      authorization:
        'OSC4-HMAC-SHA256 Credential=11112211111110000000/20260102/cloudgouv-eu-west-1/api/osc4_request, SignedHeaders=content-type;host;x-osc-date, Signature=a077c1a53153b236e8f011e71e596f6bf896a7e74e1c68f064da56b6f0c76f7a',
    });
  });

  it.each([
    ['the method', { request: { ...request, method: 'PUT' } }],
    ['the path', { request: { ...request, url: new URL('/api/v1/ReadVms', request.url) } }],
    ['the host', { request: { ...request, url: new URL('https://api.example.org/api/v1/ReadVmsState') } }],
    ['the body', { request: { ...request, payloadHash: sha256Hex('{}') } }],
    ['a header', { request: { ...request, headers: { 'content-type': 'application/json' } } }],
    ['the region', { scope: { ...scope, region: 'eu-west-2' } }],
    ['the service', { scope: { ...scope, service: 'fcu' } }],
    ['the secret', { key: { ...key, secretKey: 'x' } }],
    ['the second', { atMs: Date.parse('2026-01-02T03:04:06Z') }],
  ])('signs %s: another one has another signature', (_, changed) => {
    const all = { request, scope, key, atMs: Date.parse('2026-01-02T03:04:05Z'), ...changed };
    const other = signatureIn(signedHeaders(all.request, all.scope, all.key, all.atMs));
    expect(other).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toBe(signatureIn(signed));
  });

  it('never says the secret', () => {
    expect(JSON.stringify(signed)).not.toContain(key.secretKey);
  });
});

describe('signedHeaders: AWS4-HMAC-SHA256, vectors published by AWS', () => {
  const key: SigningKey = {
    accessKey: 'AKIDEXAMPLE',
    secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  };
  const aws = (service: string): SigningScope => ({
    algorithm: 'AWS4-HMAC-SHA256',
    region: 'us-east-1',
    service,
  });

  it.each([
    ['get-vanilla', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['get-vanilla-utf8-query', '/?ሴ=bar', '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04'],
  ])('%s', (_, path, signature) => {
    const url = new URL(path, 'https://example.amazonaws.com');
    const request = { method: 'GET', url, headers: {}, payloadHash: sha256Hex('') };
    const signed = signedHeaders(request, aws('service'), key, Date.parse('2015-08-30T12:36:00Z'));
    expect(signatureIn(signed)).toBe(signature);
  });

  it('IAM ListUsers, with a content type', () => {
    const request = {
      method: 'GET',
      url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      payloadHash: sha256Hex(''),
    };
    expect(signatureIn(signedHeaders(request, aws('iam'), key, Date.parse('2015-08-30T12:36:00Z')))).toBe(
      '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });

  it.each([
    [
      'GET of a range',
      'GET',
      '/test.txt',
      { range: 'bytes=0-9' },
      '',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT of a name with a $, encoded once',
      'PUT',
      '/test$file.text',
      { Date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      'Welcome to Amazon S3.',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GET of a sub-resource without a value',
      'GET',
      '/?lifecycle',
      {},
      '',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'GET of a list',
      'GET',
      '/?max-keys=2&prefix=J',
      {},
      '',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('S3: %s', (_, method, path, headers, body, signature) => {
    const payloadHash = sha256Hex(body);
    const request = {
      method,
      url: new URL(path, 'https://examplebucket.s3.amazonaws.com'),
      headers: { ...headers, 'x-amz-content-sha256': payloadHash },
      payloadHash,
    };
    const signer = {
      accessKey: 'AKIAIOSFODNN7EXAMPLE',
      secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    };
    expect(signatureIn(signedHeaders(request, aws('s3'), signer, Date.parse('2013-05-24T00:00:00Z')))).toBe(
      signature,
    );
  });
});

describe('signingDate', () => {
  it('is the UTC instant to the second, milliseconds cut', () => {
    expect(signingDate(Date.parse('2026-01-02T03:04:05.999Z'))).toBe('20260102T030405Z');
  });
});
