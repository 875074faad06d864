import { z } from 'zod';
import { DURATION_EXPECTED, parseDuration } from '../core/duration.ts';
import { type Fraction, parseDecimal, parsePercent } from '../core/fraction.ts';

// Messages of schemas say "expected …" and no more: the reader of the file adds the place and the value.

/** A duration of 0 or more, as whole milliseconds; written `10s`, `1h30m` or ISO 8601 (interfaces.md). */
export const durationSchema = z
  .string({ error: `expected ${DURATION_EXPECTED}` })
  .meta({ description: `A duration: ${DURATION_EXPECTED}.`, examples: ['10s', '1h30m', 'PT10S'] })
  .transform((text, context): number => {
    const ms = parseDuration(text);
    if (ms === undefined) context.addIssue({ code: 'custom', message: `expected ${DURATION_EXPECTED}` });
    return ms ?? z.NEVER;
  });

const IN_QUOTES = 'in quotes, with a decimal point';

function decimalSchema(expected: string, accepts: (text: string) => boolean) {
  return z
    .string({ error: `expected ${expected}` })
    .refine(accepts, { error: `expected ${expected}` })
    .meta({ pattern: '^\\d+(\\.\\d+)?$' });
}

function percentSchema(expected: string, accepts: (share: Fraction) => boolean) {
  return decimalSchema(expected, (text) => {
    const share = parsePercent(text);
    return share !== undefined && accepts(share);
  });
}

/** A promised percentage as its decimal string: strictly between 0 and 100, in quotes so that no parser rounds it. */
export const targetSchema = percentSchema(
  `a percentage above 0 and below 100, ${IN_QUOTES}, like "99.95"`,
  (share) => share.num > 0n && share.num < share.den,
);

/** A borne percentage as its decimal string: from 0 to below 100. */
export const shareSchema = percentSchema(
  `a percentage from 0 to below 100, ${IN_QUOTES}, like "1" or "0.5"`,
  (share) => share.num < share.den,
);

/** A percentage of a bill as its decimal string: from 0 to 100, both included. */
export const creditSchema = percentSchema(
  `a percentage from 0 to 100, ${IN_QUOTES}, like "30"`,
  (share) => share.num <= share.den,
);

/** An amount of money as its decimal string, 0 or more, in the currency of the bill. */
export const amountSchema = decimalSchema(
  `an amount ${IN_QUOTES}, like "12.50"`,
  (text) => parseDecimal(text) !== undefined,
);

const ZONE_EXPECTED = 'expected an IANA time zone like "Europe/Paris"';

/** A time zone of the IANA database, by name. */
export const zoneSchema = z.string({ error: ZONE_EXPECTED }).refine(isZone, { error: ZONE_EXPECTED });

function isZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** A calendar date, `2024-09-15`. */
export const dateSchema = z.iso.date({ error: 'expected a date like "2024-09-15"' });

/** A time of day from 00:00 to 24:00, `08:00`. */
export const timeOfDaySchema = z
  .string({ error: 'expected a time of day in quotes, like "08:00"' })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'expected a time of day like "08:00"' });

const ID_EXPECTED = 'expected an id of at most 63 letters, digits, ".", "_" and "-"';

/** The id of something that people declare or configure. */
export const idSchema = z
  .string({ error: ID_EXPECTED })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, { error: ID_EXPECTED });

/** What an instant looks like where people write one, for messages. */
export const LOCAL_INSTANT_EXPECTED = 'an instant with an offset, like "2026-03-10T22:00:00+01:00"';

/** Milliseconds since the epoch, written in RFC 3339 with any offset. */
export const instantSchema = z.iso
  .datetime({ offset: true, error: `expected ${LOCAL_INSTANT_EXPECTED}` })
  .transform((text): number => Date.parse(text));
