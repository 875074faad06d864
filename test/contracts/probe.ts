import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Fault } from '../../src/core/cause.ts';
import { classify } from '../../src/core/expectation.ts';
import type { ValueSpec } from '../../src/core/probe.ts';
import type { Reading, Value } from '../../src/core/reading.ts';
import { handlesLeft, openHandles } from './open-handles.ts';
import { MODES, parse, probing, SECRET_MARKER } from './probing.ts';
import type { ProbeHarness, ProbeTarget, Probing, TargetMode } from './probing.ts';
import { undescribedFields } from './settings-schema.ts';

export { SECRET_MARKER } from './probing.ts';
export type { ProbeHarness, ProbeTarget, TargetMode } from './probing.ts';

/** The laws of {@link ProbeKind}, which every kind must pass against real servers in every mode. */
export function probeContract<Settings>(name: string, harness: ProbeHarness<Settings>): void {
  describe(`probe contract: ${name}`, () => {
    describeAnswers(harness);
    describeTroubles(harness);
    describeAborts(harness);
    describeSettings(harness);
  });
}

/**
 * The laws that are left where nothing listens that could refuse, or reply with garbage: a file. The kind's own test
 * has to show what becomes of trouble and of silence.
 */
export function localProbeContract<Settings>(name: string, harness: ProbeHarness<Settings>): void {
  describe(`probe contract: ${name}`, () => {
    describeAnswers(harness);
    describeEarlyAbort(harness);
    describeEnds(harness, ['answers']);
    describeSettings(harness);
  });
}

const STOPS_WITHIN_MS = 20;
const STAYS_QUIET_MS = 100;
const DETAIL_LIMIT = 300;

/** Whether a promise is settled `delayMs` from now, judged only after the loop had a turn to settle it in. */
async function settlesWithin(promise: Promise<unknown>, delayMs: number): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  await pause(delayMs);
  await nextTurn();
  return settled;
}

async function requestArrived(target: ProbeTarget): Promise<void> {
  await expect.poll(() => target.received(), { interval: 5, timeout: 5_000 }).toBeGreaterThan(0);
}

function typeOf(value: Value): ValueSpec['type'] {
  if (typeof value === 'object') return 'list';
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'number' : 'boolean';
}

/** What holds for every reading, whatever was seen. */
function expectWellFormed<Settings>(reading: Reading, { kind, settings }: Probing<Settings>): void {
  const specs = kind.values(settings);
  const detail = reading.detail ?? '';
  expect(detail, 'a detail is one line').not.toMatch(/[\r\n]/);
  expect(detail.length, 'a detail is short').toBeLessThanOrEqual(DETAIL_LIMIT);
  if (reading.kind === 'blind') return;
  expect(reading.latencyMs ?? 0, 'latency in milliseconds').toBeGreaterThanOrEqual(0);
  for (const [phase, ms] of Object.entries(reading.phases ?? {})) {
    expect(kind.phases, 'a declared phase').toContain(phase);
    expect(ms, `phase ${phase} in milliseconds`).toBeGreaterThanOrEqual(0);
  }
  for (const [name, value] of Object.entries(reading.values ?? {})) {
    expect(specs[name]?.type, `value ${name} is declared with its type`).toBe(typeOf(value));
    expect(value, `value ${name} is a number`).not.toBeNaN();
  }
  for (const [name, ms] of Object.entries((reading.kind === 'answer' && reading.ownMs) || {})) {
    expect(name === 'latency' ? 'slow' : specs[name]?.cause, `${name} is a time`).toBe('slow');
    expect(ms, `what of ${name} may be our own`).toBeGreaterThanOrEqual(0);
  }
  for (const [name, fact] of Object.entries(reading.evidence ?? {})) {
    expect(['string', 'number'], `evidence ${name} is a scalar`).toContain(typeof fact);
    expect(String(fact).length, `evidence ${name} is small`).toBeLessThanOrEqual(DETAIL_LIMIT);
  }
}

function describeAnswers<Settings>(harness: ProbeHarness<Settings>): void {
  test('answers: a reading with latency, declared phases and values, good by the defaults', () =>
    probing(harness, 'answers', async (on) => {
      const reading = await on.run();
      expect(reading).toMatchObject({ kind: 'answer' });
      expectWellFormed(reading, on);
      const classified = classify(reading, on.kind.defaults, on.kind.values(on.settings));
      expect(classified).toMatchObject({ outcome: 'good' });
      expect(on.pendingTimers(), 'timers left').toBe(0);
    }));

  test('answers: runs at the same time do not disturb each other, nor runs one after the other', () =>
    probing(harness, 'answers', async (on) => {
      const together = await Promise.all(Array.from({ length: 8 }, () => on.run()));
      const readings = [...together, await on.run(), await on.run()];
      expect(readings.map((reading) => reading.kind)).toEqual(readings.map(() => 'answer'));
    }));
}

/** What a target comes to that can't be talked to. */
function untalkable<Settings>({ hearsay = false }: ProbeHarness<Settings>, fault: Fault): Partial<Reading> {
  return hearsay ? { kind: 'blind', blind: 'skipped' } : { kind: 'fault', fault };
}

function describeTroubles<Settings>(harness: ProbeHarness<Settings>): void {
  test(`refused: ${harness.hearsay ? 'blind' : 'fault refused'}, at once and again`, () =>
    probing(harness, 'refused', async (on) => {
      for (let attempt = 0; attempt < 2; attempt++) {
        const reading = await on.run();
        expect(reading).toMatchObject(untalkable(harness, 'refused'));
        expectWellFormed(reading, on);
      }
      expect(on.pendingTimers(), 'timers left').toBe(0);
    }));

  test.each(harness.garbage === 'protocol' ? [harness] : [])(
    'garbage: fault protocol, or blind where it is hearsay',
    () =>
      probing(harness, 'garbage', async (on) => {
        const reading = await on.run();
        expect(reading).toMatchObject(untalkable(harness, 'protocol'));
        expectWellFormed(reading, on);
      }),
  );

  test.each(harness.garbage === 'timeout' ? [harness] : [])('garbage: ignored until the deadline', () =>
    probing(harness, 'garbage', async (on) => {
      const deadline = new AbortController();
      const running = on.run(deadline.signal);
      await requestArrived(on.target);
      expect(await settlesWithin(running, STAYS_QUIET_MS), 'settled by garbage').toBe(false);
      deadline.abort();
      expect((await running).kind).not.toBe('answer');
    }),
  );
}

function describeAborts<Settings>(harness: ProbeHarness<Settings>): void {
  test('silent: waits for its deadline, stops within 20 ms of it and sends nothing more', () =>
    probing(harness, 'silent', async (on) => {
      const deadline = new AbortController();
      const running = on.run(deadline.signal);
      await requestArrived(on.target);
      expect(await settlesWithin(running, STAYS_QUIET_MS), 'settled before the deadline').toBe(false);
      deadline.abort();
      expect(await settlesWithin(running, STOPS_WITHIN_MS), 'settled after the abort').toBe(true);
      const reading = await running;
      expect(reading.kind).not.toBe('answer');
      expectWellFormed(reading, on);
      const received = on.target.received();
      await pause(STAYS_QUIET_MS);
      expect(on.target.received(), 'traffic after the abort').toBe(received);
      expect(on.pendingTimers(), 'timers left').toBe(0);
    }));

  describeEarlyAbort(harness);
  describeEnds(harness, MODES);
}

function describeEarlyAbort<Settings>(harness: ProbeHarness<Settings>): void {
  test('aborted before it starts: resolves at once and sends nothing', () =>
    probing(harness, 'answers', async (on) => {
      const running = on.run(AbortSignal.abort());
      expect(await settlesWithin(running, STOPS_WITHIN_MS), 'settled').toBe(true);
      expect((await running).kind).not.toBe('answer');
      await pause(STAYS_QUIET_MS);
      expect(on.target.received(), 'traffic').toBe(0);
    }));
}

function describeEnds<Settings>(harness: ProbeHarness<Settings>, modes: readonly TargetMode[]): void {
  test.each(modes)('%s: close leaves no handle open', (mode) =>
    withHandlesCounted(() =>
      probing(harness, mode, async (on) => {
        await runCutShort(on);
      }),
    ),
  );
}

/** One run that is given a while and then aborted, unless it was done before. */
async function runCutShort<Settings>(on: Probing<Settings>): Promise<Reading> {
  const deadline = new AbortController();
  const running = on.run(deadline.signal);
  await settlesWithin(running, STAYS_QUIET_MS);
  deadline.abort();
  return running;
}

async function withHandlesCounted(act: () => Promise<void>): Promise<void> {
  const before = openHandles();
  await act();
  expect(await handlesLeft(before), 'handles left').toEqual([]);
}

function describeSettings<Settings>(harness: ProbeHarness<Settings>): void {
  test('identity: equal for equal settings, another for another target', async () => {
    const identities: string[] = [];
    await probing(harness, 'answers', (on) => {
      identities.push(on.identity, on.kind.configure(parse(on.kind, on.target.settings)).identity);
      return probing(harness, 'answers', async (other) => {
        identities.push(other.identity);
      });
    });
    const [one, same, other] = identities;
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  test('settings: strict, every field described, JSON Schema can be made', () =>
    probing(harness, 'answers', async ({ kind, target }) => {
      expect(kind.settings.safeParse({ ...target.settings, 'no-such-setting': 1 }).success).toBe(false);
      const schema = z.toJSONSchema(kind.settings, { io: 'input' });
      expect(Object.keys(schema.properties ?? {})).not.toEqual([]);
      expect(undescribedFields(schema)).toEqual([]);
    }));

  test('values: what the defaults expect is declared, and all say what they mean', () =>
    probing(harness, 'answers', async ({ kind, settings }) => {
      const specs = kind.values(settings);
      expect([...Object.keys(specs), 'latency']).toEqual(expect.arrayContaining(Object.keys(kind.defaults)));
      for (const [name, spec] of Object.entries(specs))
        expect(spec.summary, `summary of ${name}`).not.toBe('');
      expect(kind.summary).not.toBe('');
    }));

  test.each(harness.secrets ? MODES : [])('%s: tells no secret', (mode) =>
    probing(harness, mode, async (on) => {
      const told = JSON.stringify([await runCutShort(on), on.identity]);
      expect(told).not.toContain(SECRET_MARKER);
      expect(told).not.toContain(Buffer.from(SECRET_MARKER).toString('base64'));
    }),
  );
}
