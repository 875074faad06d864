import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterLook,
  afterStart,
  allCalls,
  judgeVm,
  NO_MEMORY,
  restartDue,
  type StartCall,
  type StartResult,
  type StopCall,
  type VmCall,
  type VmMemory,
  type VmSight,
  type VmState,
} from '../../../probes/lib/vm-state.ts';

const MINUTE = 60_000;
const WITHIN = 5 * MINUTE;

let served = 0;
const start = (minute: number, result: StartResult): StartCall => ({
  kind: 'start',
  atMs: minute * MINUTE,
  requestId: `r${++served}`,
  result,
  answer: undefined,
});
const stop = (minute: number): StopCall => ({
  kind: 'stop',
  atMs: minute * MINUTE,
  requestId: `r${++served}`,
});
const at = (minute: number, state: VmState = 'stopped', knownStop = false): VmSight => ({
  state,
  nowMs: minute * MINUTE,
  knownStop,
});
/** Seen running at one minute, and down from another one on. */
const seen = (ran: number | undefined, down: number | undefined): VmMemory => ({
  ranMs: ran === undefined ? undefined : ran * MINUTE,
  downMs: down === undefined ? undefined : down * MINUTE,
  ownStarts: [],
});

function verdictAt(sight: VmSight, memory: VmMemory, calls: readonly VmCall[]): string {
  const verdict = judgeVm(sight, memory, allCalls(memory, calls), WITHIN);
  return verdict.kind === 'excluded' ? verdict.refusal : verdict.kind;
}

describe('judgeVm: sla-math §8', () => {
  const watched = seen(10, 11);
  const fresh = seen(undefined, 20);
  it.each<[string, VmSight, VmMemory, readonly VmCall[], string]>([
    ['running', at(20, 'running'), seen(20, undefined), [start(12, 'failed')], 'running'],
    ['stopped, nobody did anything', at(20), watched, [], 'not-restarted'],
    ['stopped by a client', at(20), watched, [stop(11)], 'client-stop'],
    ['stopped by a client, told to run shortly after', at(20), watched, [stop(9.5)], 'client-stop'],
    ['an older stop is not this one', at(20), watched, [stop(8)], 'not-restarted'],
    ['announced', at(20, 'stopped', true), watched, [start(12, 'failed')], 'client-stop'],
    ['a start failed', at(20), watched, [start(12, 'failed')], 'cannot-restart'],
    [
      'a start was refused, the reason is not on record',
      at(20),
      watched,
      [start(12, 'refused')],
      'cannot-restart',
    ],
    ['… but ours says quota', at(20), watched, [start(12, 'refused'), start(13, 'quota')], 'client-quota'],
    ['… and then fails', at(20), watched, [start(12, 'quota'), start(13, 'failed')], 'cannot-restart'],
    ['quota', at(20), watched, [start(12, 'quota')], 'client-quota'],
    ['a start that says nothing', at(20), watched, [start(12, 'void')], 'not-restarted'],
    ['a start before it last ran', at(20), watched, [start(9, 'failed')], 'not-restarted'],
    ['client stop, then a failed start', at(20), watched, [stop(11), start(12, 'failed')], 'cannot-restart'],
    ['failed start, then a client stop', at(20), watched, [start(12, 'failed'), stop(13)], 'client-stop'],
    ['a start under way', at(15, 'pending'), watched, [start(12, 'sent')], 'not-restarted'],
    ['a start not yet due', at(16.9), watched, [start(12, 'sent')], 'not-restarted'],
    ['a start that is due', at(17), watched, [start(12, 'sent')], 'cannot-restart'],
    ['pending after a failure', at(20, 'pending'), watched, [start(12, 'failed')], 'cannot-restart'],
    ['a client stop that was undone', at(13), watched, [stop(11), start(12, 'sent')], 'not-restarted'],
    ['quarantine', at(20, 'quarantine'), watched, [], 'not-restarted'],
    ['deleted by a client', at(20, 'terminated'), watched, [stop(11)], 'client-stop'],
    ['gone', at(20, 'gone'), watched, [], 'not-restarted'],
    ['never seen running: a failed start counts', at(20), fresh, [start(12, 'failed')], 'cannot-restart'],
    [
      'never seen running: a start that was carried out had worked',
      at(20),
      fresh,
      [start(12, 'sent')],
      'not-restarted',
    ],
    [
      '… and what failed before it is over',
      at(20),
      fresh,
      [start(11, 'failed'), start(12, 'sent')],
      'not-restarted',
    ],
    ['never seen running: stopped long ago', at(20), fresh, [stop(-40_000)], 'client-stop'],
  ])('%s → %s', (_case, sight, memory, calls, expected) => {
    expect(verdictAt(sight, memory, calls)).toBe(expected);
  });

  it('names the call that decided', () => {
    const [first, second] = [start(12, 'failed'), start(13, 'failed')];
    const verdict = judgeVm(at(20), watched, [first, second], WITHIN);
    expect(verdict).toEqual({ kind: 'cannot-restart', call: first });
  });

  it('of a call of our own we know more than the record does', () => {
    const own = start(12, 'quota');
    const memory = afterStart(watched, own);
    expect(verdictAt(at(20), memory, [{ ...own, result: 'refused' }])).toBe('client-quota');
    expect(allCalls(memory, [{ ...own, result: 'refused' }])).toEqual([own]);
  });
});

describe('allCalls', () => {
  it('a call of our own without an answer hides none on record', () => {
    const own = { ...start(12, 'sent'), requestId: undefined };
    const other = { ...stop(13), requestId: undefined };
    expect(allCalls(afterStart(NO_MEMORY, own), [other])).toEqual([own, other]);
  });
});

describe('VmMemory', () => {
  it('keeps the first failed call of very many', () => {
    let memory = afterLook(NO_MEMORY, at(1));
    for (let minute = 2; minute < 500; minute++) memory = afterStart(memory, start(minute, 'failed'));
    expect(memory.ownStarts.length).toBeLessThanOrEqual(51);
    expect(memory.ownStarts[0]?.atMs).toBe(2 * MINUTE);
  });

  it('forgets all when the machine runs', () => {
    const memory = afterStart(afterLook(NO_MEMORY, at(1)), start(2, 'failed'));
    expect(afterLook(memory, at(3, 'running'))).toEqual({
      ranMs: 3 * MINUTE,
      downMs: undefined,
      ownStarts: [],
    });
  });
});

describe('restartDue', () => {
  const plan = { allowed: true, everyMs: MINUTE, afterMs: 2 * MINUTE, startWithinMs: WITHIN };
  const watched = seen(10, 11);
  it.each<[string, VmSight, readonly VmCall[], boolean]>([
    ['down long enough', at(13), [], true],
    ['down for too short a time', at(12.9), [], false],
    ['announced', at(20, 'stopped', true), [], false],
    ['stopped by a client', at(20), [stop(11)], false],
    ['stopped by a client who then could not start it', at(20), [stop(11), start(12, 'failed')], true],
    ['tried a moment ago', at(20), [start(19.1, 'failed')], false],
    ['tried a while ago', at(20), [start(19, 'failed')], true],
    ['throttled a moment ago', at(20), [start(19.5, 'void')], false],
    ['a start is under way', at(20), [start(16, 'sent')], false],
    ['a start came to nothing', at(20), [start(15, 'sent')], true],
    ['for quota, a while ago', at(20), [start(15, 'quota')], true],
    ['stopping', at(20, 'stopping'), [], false],
    ['terminated', at(20, 'terminated'), [], false],
    ['quarantine', at(20, 'quarantine'), [], false],
    ['gone', at(20, 'gone'), [], false],
    ['running', at(20, 'running'), [], false],
  ])('%s', (_case, sight, calls, expected) => {
    expect(restartDue(sight, watched, calls, plan)).toBe(expected);
    expect(restartDue(sight, watched, calls, { ...plan, allowed: false })).toBe(false);
  });
});

/** What happens in one of the minutes of a life. */
type Step = 'look-running' | 'look-stopped' | 'stop' | StartResult;
const STEPS: readonly Step[] = [
  'look-running',
  'look-stopped',
  'stop',
  'sent',
  'failed',
  'refused',
  'quota',
  'void',
];

interface Told {
  down: boolean;
  stopped: boolean;
  failed: boolean;
  refused: boolean;
  quota: boolean;
  readonly sentMs: number[];
}

const fresh = (): Told => ({
  down: false,
  stopped: false,
  failed: false,
  refused: false,
  quota: false,
  sentMs: [],
});

/** A slow and obvious telling of a machine's life, step by step, ten minutes each. */
function reference(steps: readonly Step[]): string {
  let told = fresh();
  let nowMs = 0;
  for (const step of steps) {
    nowMs += 10 * MINUTE;
    if (step === 'look-running') told = fresh();
    else if (step === 'look-stopped') told.down = true;
    else if (step === 'stop') told = { ...fresh(), down: told.down, stopped: true };
    else if (step === 'failed' || step === 'refused' || step === 'quota') told[step] = true;
    else if (step === 'sent' && told.down)
      told = { ...told, stopped: false, sentMs: [...told.sentMs, nowMs] };
    else if (step === 'sent') told = fresh();
  }
  if (steps.at(-1) === 'look-running') return 'running';
  if (told.failed || told.sentMs.some((ms) => nowMs - ms >= WITHIN)) return 'cannot-restart';
  if (told.refused && !told.quota) return 'cannot-restart';
  if (told.quota) return 'client-quota';
  return told.stopped ? 'client-stop' : 'not-restarted';
}

/** The same life as the product sees it: the looks one by one, the calls from the record, in any order. */
function life(steps: readonly Step[]): {
  readonly sight: VmSight;
  readonly memory: VmMemory;
  readonly calls: VmCall[];
} {
  let memory = NO_MEMORY;
  let sight = at(0);
  const calls: VmCall[] = [];
  steps.forEach((step, index) => {
    const minute = (index + 1) * 10;
    if (step === 'look-running' || step === 'look-stopped') {
      sight = at(minute, step === 'look-running' ? 'running' : 'stopped');
      memory = afterLook(memory, sight);
    } else calls.push(step === 'stop' ? stop(minute) : start(minute, step));
  });
  return { sight, memory, calls };
}

describe('judgeVm: properties', () => {
  const lives = fc
    .tuple(
      fc.array(fc.constantFrom(...STEPS), { maxLength: 25 }),
      fc.constantFrom<Step>('look-stopped', 'look-running'),
    )
    .map(([steps, last]) => [...steps, last]);

  it('agrees with a slow and obvious reference', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const { sight, memory, calls } = life(steps);
        expect(verdictAt(sight, memory, calls)).toBe(reference(steps));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not depend on the order of the record', () => {
    fc.assert(
      fc.property(lives, fc.infiniteStream(fc.nat()), (steps, random) => {
        const { sight, memory, calls } = life(steps);
        const keys = new Map(calls.map((call) => [call, Number(random.next().value)]));
        const shuffled = calls.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
        expect(verdictAt(sight, memory, shuffled)).toBe(verdictAt(sight, memory, calls));
      }),
    );
  });

  it('is never bad without a start that may have failed', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const harmless = steps.filter((step) => step !== 'sent' && step !== 'failed' && step !== 'refused');
        const { sight, memory, calls } = life(harmless);
        expect(verdictAt(sight, memory, calls)).not.toBe('cannot-restart');
      }),
    );
  });

  it('stays bad until it runs or is stopped anew, whatever else is tried', () => {
    const tries = fc.array(
      fc.constantFrom<Step>('look-stopped', 'sent', 'failed', 'refused', 'quota', 'void'),
    );
    fc.assert(
      fc.property(lives, tries, (steps, more) => {
        const { sight, memory, calls } = life([...steps, 'look-stopped', 'failed', ...more, 'look-stopped']);
        expect(verdictAt(sight, memory, calls)).toBe('cannot-restart');
      }),
    );
  });
});
