import { type Cause, CAUSES } from '../core/cause.ts';
import type { Check } from '../core/check.ts';
import type { Outcome } from '../core/observation.ts';
import { type Fields, instantField, LineError, parseObject, shown, textField } from './line-fields.ts';

/** One line of an observation file (interfaces.md): a run of slots [fromSlot, toSlot) of a check by a vantage. */
export interface ObservationLine {
  readonly check: Check;
  readonly vantage: string;
  readonly fromSlot: number;
  readonly toSlot: number;
  readonly outcome: Outcome;
  readonly cause?: Cause;
}

const OUTCOMES: readonly Outcome[] = ['good', 'bad', 'excluded'];

/**
 * Reads one line. Throws {@link LineError}; fields that are not known are passed over. A bad line without a cause is
 * `unexpected`.
 */
export function parseObservationLine(text: string, checks: ReadonlyMap<string, Check>): ObservationLine {
  const fields = parseObject(text);
  const check = checks.get(textField(fields, 'check'));
  if (!check)
    throw new LineError(`"check" is ${shown(fields['check'])}, expected a check of the configuration`);
  const named = textField(fields, 'vantage');
  // The name as the configuration has it: of a million lines each would hold a text of its own.
  const vantage = check.vantages.find((one) => one === named);
  if (vantage === undefined) {
    throw new LineError(`"vantage" is ${shown(named)}, expected one of ${check.vantages.join(', ')}`);
  }
  return { check, vantage, ...outcomeOf(fields), ...slotsOf(fields, check.intervalMs) };
}

function outcomeOf(fields: Fields): { readonly outcome: Outcome; readonly cause?: Cause } {
  const told = textField(fields, 'outcome');
  const outcome = OUTCOMES.find((one) => one === told);
  if (!outcome) throw new LineError(`"outcome" is ${shown(told)}, expected one of ${OUTCOMES.join(', ')}`);
  if (outcome === 'good') return { outcome };
  // Bad for a cause that nobody said: it must not be taken for one that a reading excuses.
  if (fields['cause'] === undefined || fields['cause'] === null)
    return outcome === 'bad' ? { outcome, cause: 'unexpected' } : { outcome };
  const why = textField(fields, 'cause');
  const cause = CAUSES.find((one) => one === why);
  if (!cause) throw new LineError(`"cause" is ${shown(why)}, expected one of ${CAUSES.join(', ')}`);
  return { outcome, cause };
}

/** `slot` names one slot by its start; `from`/`to` stand for every slot that starts in the span. */
function slotsOf(fields: Fields, intervalMs: number): { readonly fromSlot: number; readonly toSlot: number } {
  if ('slot' in fields) {
    if ('from' in fields || 'to' in fields) throw new LineError('expected either "slot" or "from" and "to"');
    const slot = instantField(fields, 'slot') / intervalMs;
    if (!Number.isInteger(slot)) {
      throw new LineError(`"slot" is ${shown(fields['slot'])}, expected a multiple of the check's interval`);
    }
    return { fromSlot: slot, toSlot: slot + 1 };
  }
  const from = instantField(fields, 'from');
  const to = instantField(fields, 'to');
  if (to < from) throw new LineError(`"to" is ${shown(fields['to'])}, expected an instant not before "from"`);
  return { fromSlot: Math.ceil(from / intervalMs), toSlot: Math.ceil(to / intervalMs) };
}
