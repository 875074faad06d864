import { probeKinds } from '../../probes/index.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Classification, Expectations } from '../../src/core/expectation.ts';
import { attempt } from '../../src/schedule/attempt.ts';
import { LoopLag } from '../../src/schedule/loop-lag.ts';
import type { ScheduledCheck } from '../../src/schedule/scheduled-check.ts';
import { deciding, weigh } from '../../src/schedule/weigh.ts';
import { parse } from '../contracts/probing.ts';

/** Slots of one check, gathered as fast as they can be. */
export interface SlotRequest {
  readonly kind: string;
  /** The `with:` block; every secret of it is the marker of the contract suite. */
  readonly settings: object;
  /** Besides the kind's defaults. */
  readonly expectations: Expectations;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly slots: number;
  /** How many at a time. */
  readonly together: number;
}

/**
 * Runs slots as the daemon does, each with its attempts, deadline and loop lag, but one right after the other: argument
 * is a {@link SlotRequest}. Prints what each slot came to (`good`, `bad slow` …), as a list.
 */
async function runSlots(request: SlotRequest): Promise<readonly string[]> {
  const kinds = probeKinds();
  const kind = kinds.get(request.kind);
  if (!kind) throw new Error(`no probe ${request.kind}`);
  const settings = parse(kind, request.settings);
  const { timeoutMs, attempts } = request;
  const check = {
    ...{
      id: 'lab',
      probe: request.kind,
      row: 'lab',
      scope: 'region',
      intervalMs: 60_000,
      timeoutMs,
      attempts,
    },
    ...{
      confirm: 1,
      vantages: ['here'],
      settings,
      expectations: { ...kind.defaults, ...request.expectations },
    },
  };
  const probe = kind.configure(settings);
  const scheduled = { check, vantage: 'here', probe, specs: kind.values(settings), fingerprint: '' };
  const lag = new LoopLag(systemClock);
  lag.start();
  const outcomes = [await oneSlot(scheduled, lag)];
  const lane = async (): Promise<void> => {
    while (outcomes.length < request.slots) outcomes.push(await oneSlot(scheduled, lag));
  };
  await Promise.all(Array.from({ length: request.together }, lane));
  lag.stop();
  await Promise.all([...kinds.values()].map((each) => each.close()));
  return outcomes;
}

async function oneSlot(scheduled: ScheduledCheck, lag: LoopLag): Promise<string> {
  const { probe, check } = scheduled;
  const cancel = new AbortController().signal;
  const means = { clock: systemClock, random: systemRandom, lag };
  const options = { probe, timeoutMs: check.timeoutMs, ...means, cancel };
  const weighed: { readonly classification: ReturnType<typeof weigh> }[] = [];
  while (weighed.length < check.attempts) {
    const startedMs = systemClock.monotonicMs();
    const { reading } = await attempt(options);
    const classification = weigh(scheduled, reading, lag.worstSince(startedMs));
    weighed.push({ classification });
    if (classification.outcome === 'good' || classification.outcome === 'excluded') break;
  }
  const told = weighed.map(({ classification }) => wordsOf(classification));
  const decided = deciding(weighed);
  return decided ? `${wordsOf(decided.classification)} (${told.join('; ')})` : 'none';
}

function wordsOf(classification: Classification): string {
  if (classification.outcome === 'good') return 'good';
  const { outcome, detail } = classification;
  return `${outcome} ${outcome === 'absent' ? classification.blind : classification.cause}: ${detail}`;
}

const request: SlotRequest = JSON.parse(process.argv[2] ?? '');
process.stdout.write(`${JSON.stringify(await runSlots(request))}\n`);
