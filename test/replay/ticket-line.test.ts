import { describe, expect, it } from 'vitest';
import type { SupportHistory } from '../../src/contract/support-promise.ts';
import { LineError } from '../../src/replay/line-fields.ts';
import { parseTicketLine } from '../../src/replay/ticket-line.ts';

const AT = '2026-04-30T15:00:00+02:00';
const opening = { ticket: 'INC-1', event: 'opened', at: AT, severity: 3 };
const promised = (...severities: readonly number[]): SupportHistory => ({
  at: () => new Map(severities.map((severity) => [severity, { gti: null, gtr: null }])),
  severities,
});
const parse = (fields: object) => parseTicketLine(JSON.stringify(fields), promised(1, 2, 3));

describe('parseTicketLine', () => {
  it('reads an opening, not complete unless it says so', () => {
    const about = { ticket: 'INC-1', event: 'opened', atMs: Date.parse(AT), severity: 3 };
    expect(parse(opening)).toEqual({ ...about, complete: false });
    expect(parse({ ...opening, complete: true, title: 'API down' })).toEqual({
      ...about,
      complete: true,
      title: 'API down',
    });
  });

  it('passes over fields that the event does not have', () => {
    expect(parse({ ticket: 'INC-1', event: 'responded', at: AT, severity: 9, by: 'x' })).toEqual({
      ticket: 'INC-1',
      event: 'responded',
      atMs: Date.parse(AT),
    });
  });

  it.each([
    ['a torn line', '{"ticket":"INC-1","ev', 'not a complete JSON object'],
    ['a list', '[]', 'expected a JSON object'],
    ['no ticket', JSON.stringify({ event: 'opened', at: AT }), '"ticket" is missing, expected a string'],
    ['a blank ticket', JSON.stringify({ ...opening, ticket: ' ' }), '"ticket" is " ", expected an id'],
    ['a number as ticket', JSON.stringify({ ...opening, ticket: 1 }), '"ticket" is 1, expected a string'],
    [
      'an event of its own',
      JSON.stringify({ ...opening, event: 'closed' }),
      '"event" is "closed", expected one of opened',
    ],
    [
      'an instant without offset',
      JSON.stringify({ ...opening, at: '2026-04-30T15:00:00' }),
      'an instant with an offset',
    ],
    ['no severity', JSON.stringify({ ...opening, severity: undefined }), '"severity" is missing'],
    [
      'a severity in quotes',
      JSON.stringify({ ...opening, severity: '3' }),
      '"severity" is "3", expected a severity',
    ],
    ['a severity nobody promised', JSON.stringify({ ...opening, severity: 4 }), 'support rows: 1, 2, 3'],
    ['a change to one', JSON.stringify({ ...opening, event: 'severity', severity: 0 }), '"severity" is 0'],
    [
      'complete in quotes',
      JSON.stringify({ ...opening, complete: 'yes' }),
      '"complete" is "yes", expected true or false',
    ],
    ['a title that is no text', JSON.stringify({ ...opening, title: 7 }), '"title" is 7, expected a string'],
  ])('refuses %s and says why', (_, text, message) => {
    expect(() => parseTicketLine(text, promised(1, 2, 3))).toThrow(LineError);
    expect(() => parseTicketLine(text, promised(1, 2, 3))).toThrow(message);
  });

  it('says so when the contract has no support rows', () => {
    expect(() => parseTicketLine(JSON.stringify(opening), promised())).toThrow(
      '"severity" is 3, but the contract has no rows of type support',
    );
  });
});
