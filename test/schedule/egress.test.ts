import { describe, expect, it } from 'vitest';
import { EGRESS_CONNECTIONS, EGRESS_DEADLINE_MS, EgressGuard } from '../../src/schedule/egress.ts';
import type { EgressVerdict, FailedAttempt } from '../../src/schedule/egress-verdict.ts';
import type { AskReference, Reference, ReferenceAnswer } from '../../src/schedule/reference.ts';
import { FakeClock, settle } from '../fake-clock.ts';

interface Asked {
  readonly atMs: number;
  readonly host: string;
}

/** A guard whose references answer as `network` says: at once while it is up, never while it is down. */
class Bench {
  readonly clock = new FakeClock();
  readonly shutdown = new AbortController();
  readonly asked: Asked[] = [];
  readonly guard: EgressGuard;
  up = true;
  /** References that are silent while the network is up. */
  readonly hanging = new Set<string>();
  open = 0;
  mostOpen = 0;

  constructor(hosts: readonly string[], answerUp: (host: string) => ReferenceAnswer = aliveAt) {
    const references = hosts.map((host): Reference => ({ host, port: 443 }));
    const ask: AskReference = async ({ host }, signal) => {
      this.asked.push({ atMs: this.clock.monotonicMs(), host });
      this.mostOpen = Math.max(this.mostOpen, ++this.open);
      const answer =
        this.up && !this.hanging.has(host) ? answerUp(host) : await aborted(signal).then(() => SILENT);
      this.open--;
      return answer;
    };
    this.guard = new EgressGuard({ clock: this.clock, references, ask, signal: this.shutdown.signal });
  }

  /** An attempt that ends now. */
  failure(lastedMs: number, fault: FailedAttempt['fault'] = 'timeout'): FailedAttempt {
    const endedMs = this.clock.monotonicMs();
    return { fault, startedMs: endedMs - lastedMs, endedMs };
  }

  async proven(): Promise<this> {
    await this.guard.prove();
    this.asked.length = 0;
    await this.clock.advance(60_000);
    return this;
  }
}

const SILENT: ReferenceAnswer = { kind: 'silent' };

function aliveAt(host: string): ReferenceAnswer {
  return { kind: 'alive', address: host };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const ONE = ['192.0.2.1'];
const ANSWER = { kind: 'answer', latencyMs: 1 } as const;

describe('EgressGuard: whose fault', () => {
  it('ours when everything fails and the references are silent, once their deadline has passed', async () => {
    const bench = await new Bench(['192.0.2.1', '192.0.2.2']).proven();
    bench.up = false;
    const verdict = bench.guard.judge(bench.failure(3_000));
    await bench.clock.advance(EGRESS_DEADLINE_MS - 1);
    let decided: EgressVerdict | undefined;
    void verdict.then((value) => (decided = value));
    await settle();
    expect(decided).toBeUndefined();
    await bench.clock.advance(1);
    expect(await verdict).toBe('ours');
  });

  it('theirs when one reference out of three answers', async () => {
    const bench = await new Bench(['192.0.2.1', '192.0.2.2', '192.0.2.3'], (host) =>
      host === '192.0.2.3' ? aliveAt(host) : SILENT,
    ).proven();
    expect(await bench.guard.judge(bench.failure(3_000))).toBe('theirs');
  });

  it('unknown without references, at once, and nobody is asked', async () => {
    const bench = new Bench([]);
    expect(await bench.guard.judge(bench.failure(3_000))).toBe('unknown');
    expect(bench.clock.pending).toBe(0);
  });

  it('theirs for a fault that came over the network, and nobody is asked', async () => {
    const bench = await new Bench(ONE).proven();
    bench.up = false;
    expect(await bench.guard.judge(bench.failure(3, 'refused'))).toBe('theirs');
    expect(bench.asked).toEqual([]);
  });

  it('theirs when a check is answered while the references are silent: it is they that are gone', async () => {
    const bench = await new Bench(ONE).proven();
    bench.up = false;
    const verdict = bench.guard.judge(bench.failure(3_000));
    await bench.clock.advance(1_500);
    bench.guard.heard(ANSWER);
    await bench.clock.advance(1_000);
    expect(await verdict).toBe('theirs');
  });
});

describe('EgressGuard: who may testify', () => {
  it('the silence of a reference that never answered excuses nothing', async () => {
    const bench = new Bench(ONE);
    bench.up = false;
    const verdict = bench.guard.judge(bench.failure(3_000));
    await bench.clock.advance(5_000);
    expect(await verdict).toBe('unknown');
  });

  it('a reference that answers when asked may testify from then on', async () => {
    const bench = new Bench(ONE);
    expect(await bench.guard.judge(bench.failure(3_000))).toBe('theirs');
    bench.up = false;
    await bench.clock.advance(10_000);
    const verdict = bench.guard.judge(bench.failure(3_000));
    await bench.clock.advance(5_000);
    expect(await verdict).toBe('ours');
  });

  it('prove names the references that did not answer, and those no longer may', async () => {
    const gone = new Set<string>();
    const bench = new Bench(['192.0.2.1', '192.0.2.2'], (host) => (gone.has(host) ? SILENT : aliveAt(host)));
    expect(await bench.guard.prove()).toEqual([]);
    gone.add('192.0.2.2');
    await bench.clock.advance(3_600_000);
    expect(await bench.guard.prove()).toEqual([{ host: '192.0.2.2', port: 443 }]);
  });

  it('prove in the midst of an outage of ours forgets nobody', async () => {
    const bench = await new Bench(ONE).proven();
    bench.up = false;
    const proving = bench.guard.prove();
    await bench.clock.advance(5_000);
    expect(await proving).toHaveLength(1);
    const verdict = bench.guard.judge(bench.failure(1_000));
    await bench.clock.advance(5_000);
    expect(await verdict).toBe('ours');
  });

  it('a reference with a name is asked by name to prove it, then at the address that answered', async () => {
    const bench = await new Bench(['reference.example'], () => aliveAt('192.0.2.9')).proven();
    await bench.guard.judge(bench.failure(3_000));
    expect(bench.asked.map(({ host }) => host)).toEqual(['192.0.2.9']);
  });

  it('a reference that could not be asked says nothing', async () => {
    let answer = aliveAt('192.0.2.1');
    const bench = await new Bench(ONE, () => answer).proven();
    answer = { kind: 'unasked' };
    expect(await bench.guard.judge(bench.failure(3_000))).toBe('unknown');
  });
});

describe('EgressGuard: restraint', () => {
  it('asks nobody while something is being heard', async () => {
    const bench = await new Bench(ONE).proven();
    for (let second = 0; second < 10; second++) {
      bench.guard.heard(ANSWER);
      expect(await bench.guard.judge(bench.failure(3_000))).toBe('theirs');
      await bench.clock.advance(900);
    }
    expect(bench.asked).toEqual([]);
  });

  it('asks once for a thousand failures of one moment, and they share the answer', async () => {
    const bench = await new Bench(ONE).proven();
    bench.up = false;
    const verdicts = Array.from({ length: 1_000 }, () => bench.guard.judge(bench.failure(3_000)));
    await bench.clock.advance(5_000);
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['ours']));
    expect(bench.asked).toHaveLength(1);
  });

  it('asks at most once a second through an outage of theirs, and every failure is theirs', async () => {
    const bench = await new Bench(ONE).proven();
    const verdicts: Promise<EgressVerdict>[] = [];
    for (let step = 0; step < 200; step++) {
      verdicts.push(bench.guard.judge(bench.failure(50)));
      await bench.clock.advance(100);
    }
    await bench.clock.advance(5_000);
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['theirs']));
    const instants = bench.asked.map(({ atMs }) => atMs);
    expect(instants.length).toBeGreaterThan(5);
    const gaps = instants.slice(1).map((atMs, i) => atMs - (instants[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  it('asks at most once a second through an outage of ours that shows at once', async () => {
    let network: ReferenceAnswer | undefined;
    const bench = await new Bench(ONE, (host) => network ?? aliveAt(host)).proven();
    network = SILENT;
    const verdicts: Promise<EgressVerdict>[] = [];
    for (let step = 0; step < 50; step++) {
      verdicts.push(bench.guard.judge(bench.failure(50)));
      await bench.clock.advance(100);
    }
    await bench.clock.advance(5_000);
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['ours']));
    const instants = bench.asked.map(({ atMs }) => atMs);
    const gaps = instants.slice(1).map((atMs, i) => atMs - (instants[i] ?? 0));
    expect(instants.length).toBeGreaterThan(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  it('asks nobody when something is heard while a failure waits for its turn', async () => {
    let network: ReferenceAnswer | undefined;
    const bench = await new Bench(ONE, (host) => network ?? aliveAt(host)).proven();
    network = SILENT;
    expect(await bench.guard.judge(bench.failure(50))).toBe('ours');
    await bench.clock.advance(200);
    const verdict = bench.guard.judge(bench.failure(50));
    await bench.clock.advance(200);
    bench.guard.heard(ANSWER);
    await bench.clock.advance(5_000);
    expect(await verdict).toBe('theirs');
    expect(bench.asked).toHaveLength(1);
  });

  it('lets go of the other references as soon as one has answered', async () => {
    const bench = await new Bench(['192.0.2.1', '192.0.2.2']).proven();
    bench.hanging.add('192.0.2.1');
    expect(await bench.guard.judge(bench.failure(3_000))).toBe('theirs');
    expect({ open: bench.open, timers: bench.clock.pending }).toEqual({ open: 0, timers: 0 });
  });

  it('an old silence is not held against a failure after it: once back, the network is asked again', async () => {
    const bench = await new Bench(ONE).proven();
    bench.up = false;
    const first = bench.guard.judge(bench.failure(1_000));
    await bench.clock.advance(5_000);
    expect(await first).toBe('ours');
    bench.up = true;
    expect(await bench.guard.judge(bench.failure(1_000))).toBe('theirs');
  });

  it('opens no more than its connections at a time, however many references there are', async () => {
    const hosts = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}`);
    const bench = new Bench(hosts);
    bench.up = false;
    const proving = bench.guard.prove();
    await bench.clock.advance(5_000);
    await proving;
    expect(bench.mostOpen).toBe(EGRESS_CONNECTIONS);
  });

  it('ends at shutdown: waiting failures are unknown, nothing stays open, nobody is asked again', async () => {
    const bench = await new Bench(ONE).proven();
    bench.up = false;
    const verdict = bench.guard.judge(bench.failure(3_000));
    await bench.clock.advance(500);
    bench.shutdown.abort();
    expect(await verdict).toBe('unknown');
    expect(await bench.guard.judge(bench.failure(3_000))).toBe('unknown');
    expect({ open: bench.open, timers: bench.clock.pending, asked: bench.asked.length }).toEqual({
      open: 0,
      timers: 0,
      asked: 1,
    });
  });
});
