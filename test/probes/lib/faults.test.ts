import { describe, expect, test } from 'vitest';
import { codeOf, faultOf } from '../../../probes/lib/faults.ts';

const withCode = (code: string): Error => Object.assign(new Error('connect ECONNREFUSED'), { code });

describe('faultOf', () => {
  test.each([
    ['ENOTFOUND', 'resolve'],
    ['EAI_AGAIN', 'resolve'],
    ['ESERVFAIL', 'resolve'],
    ['ECONNREFUSED', 'refused'],
    ['EHOSTUNREACH', 'connect'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['ETIMEDOUT', 'timeout'],
    ['HPE_INVALID_CONSTANT', 'protocol'],
    ['UND_ERR_HEADERS_OVERFLOW', 'protocol'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'protocol'],
    ['ECONNRESET', 'reset'],
    ['UND_ERR_SOCKET', 'reset'],
  ])('%s is the fault %s', (code, fault) => {
    expect(faultOf(withCode(code))).toEqual({ kind: 'fault', fault, code });
  });

  test.each([
    ['EMFILE', 'local-resource'],
    ['ENFILE', 'local-resource'],
    ['ENOBUFS', 'local-resource'],
    ['EADDRNOTAVAIL', 'local-resource'],
    ['ENETUNREACH', 'local-network'],
    ['ENETDOWN', 'local-network'],
    ['EPERM', 'local-network'],
    ['UND_ERR_DESTROYED', 'skipped'],
  ])('%s is blindness by %s', (code, blind) => {
    expect(faultOf(withCode(code))).toEqual({ kind: 'blind', blind, code });
  });

  test('a code that no one knows, no code, and what is not an error are no trouble of the table', () => {
    expect(faultOf(withCode('EWHATEVER'))).toBeUndefined();
    expect(faultOf(new Error('ECONNREFUSED'))).toBeUndefined();
    expect(faultOf('ECONNREFUSED')).toBeUndefined();
    expect(faultOf(withCode('constructor'))).toBeUndefined();
  });

  test('the first gathered error and the cause speak for an error without a code', () => {
    expect(codeOf(new AggregateError([withCode('EHOSTUNREACH'), withCode('ECONNREFUSED')]))).toBe(
      'EHOSTUNREACH',
    );
    expect(codeOf(new Error('outer', { cause: withCode('EMFILE') }))).toBe('EMFILE');
    expect(codeOf(new Error('nothing inside'))).toBeUndefined();
  });
});
