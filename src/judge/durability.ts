import type { Cause } from '../core/cause.ts';
import { type Fraction, toNumber } from '../core/fraction.ts';
import type { DurabilityFigures } from '../core/verdict.ts';

/** The causes that say that an object is no longer what was stored; for any other we could not look (sla-math §8). */
export const LOSSES: ReadonlySet<Cause> = new Set(['lost', 'altered']);

/** A year of 365 days, in milliseconds. */
export const YEAR_MS = 365 * 86_400_000;

/** The chance that is left of seeing no loss although more is lost than the bound says. */
const DOUBT = 0.05;

/**
 * What so many object-years of watching say of durability; `allowed` is the share that may be lost a year. `lost`:
 * whether any object was.
 */
export function durabilityFigures(objectYears: number, allowed: Fraction, lost: boolean): DurabilityFigures {
  const yearlyLossBound = objectYears > 0 ? -Math.expm1(Math.log(DOUBT) / objectYears) : 1;
  const objectYearsNeeded = Math.log(DOUBT) / Math.log1p(-toNumber(allowed));
  const statement = lost
    ? `An object was found lost or altered in ${rounded(objectYears)} object-years of watching: the promise is broken.`
    : `No loss was seen in ${rounded(objectYears)} object-years: at 95 % confidence at most ` +
      `${rounded(yearlyLossBound * 100)} % of the objects are lost a year. To show what is promised would take ` +
      `${rounded(objectYearsNeeded)} object-years without a loss, which no sampling can reach.`;
  return { objectYears, yearlyLossBound, objectYearsNeeded, statement };
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
