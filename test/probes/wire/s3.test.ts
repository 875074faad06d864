import { describe, expect, test } from 'vitest';
import { decodeError, decodeListing } from '../../../probes/wire/s3.ts';

describe('decodeError', () => {
  test.each([
    [
      'code and request id',
      '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>x</Message><RequestId>tx0-1.a</RequestId></Error>',
      { code: 'SlowDown', requestId: 'tx0-1.a' },
    ],
    [
      'a namespace around it',
      '<r xmlns="x"><Error>\n<Code>NoSuchKey</Code>\n</Error></r>',
      { code: 'NoSuchKey' },
    ],
    ['HTML', '<html><Code>NoSuchKey</Code></html>', { code: '' }],
    ['nothing', '', { code: '' }],
    ['an error cut off', '<Error><Code>NoSuchKey</Code>', { code: '' }],
    ['a code that is none', `<Error><Code>${'x'.repeat(65)}</Code></Error>`, { code: '' }],
    ['a request id that is none', '<Error><RequestId>a b</RequestId></Error>', { code: '', requestId: '' }],
  ])('%s', (_what, text, expected) => {
    expect(decodeError(Buffer.from(text))).toMatchObject(expected);
  });
});

describe('decodeListing', () => {
  const list = (inner: string): Buffer =>
    Buffer.from(`<?xml version="1.0"?>\n<ListBucketResult xmlns="x">${inner}</ListBucketResult>\n`);

  test.each([
    ['no key', list('<IsTruncated>false</IsTruncated>'), { keys: [], truncated: false }],
    [
      'keys in their order, and that there are more',
      list(
        '<Prefix><Key>no</Key></Prefix><IsTruncated>true</IsTruncated><Contents><Key>a/b</Key></Contents>\n<Contents><Owner/><Key>c</Key></Contents>',
      ),
      { keys: ['a/b', 'c'], truncated: true },
    ],
    ['a list cut off', list('<Contents><Key>a</Key></Contents>').subarray(0, -30), undefined],
    ['another document', Buffer.from('<Error></Error>'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ])('%s', (_what, body, expected) => {
    expect(decodeListing(body)).toEqual(expected);
  });

  test('a hostile body costs no more than its length', () => {
    const began = performance.now();
    decodeListing(list('<Contents>'.repeat(40_000)));
    decodeError(Buffer.from('<Error>'.repeat(9_000)));
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
