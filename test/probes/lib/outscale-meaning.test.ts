import { describe, expect, it } from 'vitest';
import { decodeAnswer } from '../../../probes/lib/outscale-answer.ts';
import { LARGEST_SKEW_MS, meaningOf } from '../../../probes/lib/outscale-meaning.ts';

/** What a row of the table expects, in a word. */
function wordOf(status: number, code: string | undefined, more: { signed?: boolean; ahead?: number } = {}) {
  const meaning = meaningOf({ status, code, signed: more.signed ?? true, clockAheadMs: more.ahead });
  if (meaning.kind === 'refused') return `refused ${meaning.refusal}`;
  return meaning.kind === 'blind' ? `blind ${meaning.blind}` : meaning.kind;
}

describe('meaningOf: the provider’s statuses and codes', () => {
  it.each([
    [200, undefined, 'served'],
    [429, '24', 'refused throttled'],
    [429, '25', 'refused throttled'],
    [429, undefined, 'refused throttled'],
    [409, 'DuplicateRequest', 'refused throttled'],
    [400, 'Throttling', 'refused throttled'],
    [503, '6', 'platform-throttle'],
    [503, 'RequestLimitExceeded', 'platform-throttle'],
    [503, undefined, 'failed'],
    [503, '24', 'failed'],
    [500, undefined, 'failed'],
    [500, '6', 'failed'],
    [502, undefined, 'failed'],
    [504, undefined, 'failed'],
    [401, '1', 'blind credentials'],
    [401, '4', 'blind credentials'],
    [401, '5', 'blind credentials'],
    [401, '7', 'blind credentials'],
    [401, '14', 'blind credentials'],
    [401, '20', 'blind credentials'],
    [401, undefined, 'blind credentials'],
    [400, '4120', 'blind credentials'],
    [403, 'SignatureDoesNotMatch', 'blind credentials'],
    [403, 'InvalidClientTokenId', 'blind credentials'],
    [401, '11', 'refused locked'],
    [401, '13', 'refused locked'],
    [400, 'RequestExpired', 'blind clock-skew'],
    [403, 'RequestTimeTooSkewed', 'blind clock-skew'],
    [412, 'DryRunOperation', 'served'],
    [412, undefined, 'failed'],
    [403, undefined, 'failed'],
    [404, undefined, 'failed'],
    [301, undefined, 'failed'],
    // Recorded refusals of calls that were wrong, not of us: "not found" is a 400 with a code that begins with 5.
    [400, '5063', 'failed'],
    [400, '5065', 'failed'],
    [400, '4104', 'failed'],
    [400, '4014', 'failed'],
    [409, '9085', 'failed'],
  ])('%i code %s: %s', (status, code, word) => {
    expect(wordOf(status, code)).toBe(word);
  });

  it.each([
    ['a refused signature', 401, '1', true, LARGEST_SKEW_MS + 1, 'blind clock-skew'],
    ['a refused signature, behind', 401, '1', true, -LARGEST_SKEW_MS - 1, 'blind clock-skew'],
    ['a refused signature within bounds', 401, '1', true, LARGEST_SKEW_MS, 'blind credentials'],
    ['an unsigned call that was served', 200, undefined, false, LARGEST_SKEW_MS + 1, 'blind clock-skew'],
    ['a signed call that was served', 200, undefined, true, LARGEST_SKEW_MS + 1, 'served'],
    ['an error of the provider’s', 503, undefined, true, LARGEST_SKEW_MS + 1, 'failed'],
    ['a throttle', 429, '24', true, LARGEST_SKEW_MS + 1, 'refused throttled'],
  ])('a clock that is off, %s: %i %s', (_, status, code, signed, ahead, word) => {
    expect(wordOf(status, code, { signed, ahead })).toBe(word);
  });
});

describe('decodeAnswer: the provider’s shapes', () => {
  const context = { ResponseContext: { RequestId: 'r-1' } };
  const cases: readonly (readonly [string, number, string, 'json' | 'xml', object])[] = [
    ['OAPI, served', 200, JSON.stringify(context), 'json', { wellFormed: true, requestId: 'r-1' }],
    [
      'OAPI, refused',
      400,
      JSON.stringify({ Errors: [{ Code: '5063', Details: 'x', Type: 'InvalidResource' }], ...context }),
      'json',
      { wellFormed: true, error: { code: '5063', type: 'InvalidResource' }, requestId: 'r-1' },
    ],
    [
      'problem+json, code in its type (RFC 9457)',
      429,
      '{"type":"https://docs.example.org/errors/24","title":"AccessDenied","status":429}',
      'json',
      { wellFormed: true, error: { code: '24', type: 'AccessDenied' }, requestId: 'from-header' },
    ],
    [
      'problem+json, code of its own',
      503,
      '{"type":"about:blank","title":"Throttled","code":6}',
      'json',
      { wellFormed: true, error: { code: '6', type: 'Throttled' } },
    ],
    [
      'FCU, served',
      200,
      '<?xml version="1.0"?>\n<R xmlns="u"><requestId>r-2</requestId><regionInfo/></R>\n',
      'xml',
      { wellFormed: true, requestId: 'r-2' },
    ],
    [
      'FCU, refused',
      400,
      '<Response><Errors><Error><Code>AuthFailure</Code><Message>m</Message></Error></Errors><RequestID>r-3</RequestID></Response>',
      'xml',
      { wellFormed: true, error: { code: 'AuthFailure', type: '' }, requestId: 'r-3' },
    ],
    [
      'EIM, refused',
      403,
      '<ErrorResponse xmlns="u"><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code></Error><RequestId>r-4</RequestId></ErrorResponse>',
      'xml',
      { wellFormed: true, error: { code: 'InvalidClientTokenId', type: 'Sender' }, requestId: 'r-4' },
    ],
    ['JSON that is none', 200, '{"Regions":[', 'json', { wellFormed: false }],
    ['JSON of something else', 200, '{"hello":"world"}', 'json', { wellFormed: false }],
    ['JSON that is a list', 200, '[]', 'json', { wellFormed: false }],
    [
      'an error with the status of success',
      200,
      JSON.stringify({ Errors: [{ Code: '1' }], ...context }),
      'json',
      { wellFormed: false },
    ],
    ['XML where JSON is due', 200, '<R></R>', 'json', { wellFormed: false }],
    ['JSON where XML is due', 200, JSON.stringify(context), 'xml', { wellFormed: false }],
    ['XML cut short', 200, '<R><requestId>r-5</requestId>', 'xml', { wellFormed: false }],
    ['a page', 503, '<html><body>503</body></html>', 'xml', { wellFormed: false }],
    ['nothing', 503, '', 'json', { wellFormed: false }],
    ['an error without a code', 500, '{"Errors":[]}', 'json', { wellFormed: false }],
  ];
  it.each(cases)('%s', (_, status, text, expected, wanted) => {
    expect(decodeAnswer({ status, text, headerId: 'from-header' }, expected)).toMatchObject(wanted);
  });

  it('leaves the details of an error, which may quote the request', () => {
    const text = JSON.stringify({ Errors: [{ Code: '1', Type: 't', Details: 'quoted' }], ...context });
    const { fields: _, ...told } = decodeAnswer({ status: 401, text, headerId: undefined }, 'json');
    expect(JSON.stringify(told)).not.toContain('quoted');
  });
});
