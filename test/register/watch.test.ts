import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StatusEntry } from '../../probes/wire/status-feed.ts';
import type { DeclaredExclusion } from '../../src/core/exclusion.ts';
import type { Reading } from '../../src/core/reading.ts';
import { announcedProposals, proposalsOf } from '../../src/live/maintenance-proposals.ts';
import { RegisterWatch } from '../../src/live/register-watch.ts';
import { memoryLedger } from '../../src/window/ledger-memory.ts';
import type { Ledger } from '../../src/window/ledger.ts';
import { FakeClock, settle } from '../fake-clock.ts';
import { configWith } from '../config/config-with.ts';
import { judgedCheck } from '../judge/make-judge.ts';

const VM = judgedCheck({ id: 'vm-a1' });
const PLANNED = 'system-reboot 2026-03-10T22:00:00Z/2026-03-11T00:00:00Z';

const told = (...maintenance: readonly string[]): Reading => ({
  kind: 'answer',
  latencyMs: 1,
  values: { maintenance },
});

describe('proposalsOf', () => {
  it('a planned intervention of a machine, with the same id whoever sees it', () => {
    const [first, ...others] = proposalsOf(VM, told(PLANNED));
    expect(others).toEqual([]);
    expect(first?.statement).toMatchObject({
      kind: 'maintenance',
      from: Date.parse('2026-03-10T22:00:00Z'),
      to: Date.parse('2026-03-11T00:00:00Z'),
      checks: ['vm-a1'],
      reason: 'system-reboot, as the provider has planned it',
    });
    expect(proposalsOf(VM, told(PLANNED, PLANNED))[1]).toEqual(first);
    const [other] = proposalsOf({ ...VM, id: 'vm-b1' }, told(PLANNED));
    expect(other?.statement.id).not.toBe(first?.statement.id);
  });

  it.each([
    [told('system-reboot 2026-03-10T22:00:00Z/')],
    [told('system-reboot /')],
    [told('system-reboot 2026-03-11T00:00:00Z/2026-03-10T22:00:00Z')],
    [told('nonsense')],
    [{ kind: 'blind', blind: 'skipped', detail: '' } satisfies Reading],
    [undefined],
  ])('nothing of %j', (reading) => {
    expect(proposalsOf(VM, reading)).toEqual([]);
  });
});

describe('announcedProposals', () => {
  const entry: StatusEntry = {
    id: 'm1',
    title: 'Network maintenance',
    kind: 'maintenance',
    status: 'scheduled',
    fromMs: Date.parse('2026-03-10T22:00:00Z'),
    toMs: Date.parse('2026-03-11T00:00:00Z'),
    updatedMs: undefined,
    link: 'https://status.example/m1',
    components: ['Internet access'],
  };

  it('a maintenance whose ends are told; incidents and posts are none', () => {
    const others = [
      { ...entry, kind: 'incident' as const },
      { ...entry, toMs: undefined },
    ];
    const proposals = announcedProposals([entry, ...others]);
    expect(proposals.map(({ statement }) => statement)).toMatchObject([
      { reason: 'Network maintenance (Internet access)', evidence: 'https://status.example/m1' },
    ]);
  });

  it('one that was moved is another proposal', () => {
    const [a, b] = announcedProposals([entry, { ...entry, toMs: (entry.toMs ?? 0) + 1 }]);
    expect(a?.statement.id).not.toBe(b?.statement.id);
  });
});

describe('RegisterWatch', () => {
  let ledger: Ledger;
  let clock: FakeClock;
  let inForce: readonly DeclaredExclusion[];
  let counts: Readonly<Record<string, number>>;
  const standing: DeclaredExclusion = {
    id: 's',
    kind: 'attack',
    fromMs: 1,
    toMs: 2,
    reason: 'r',
    author: 'x',
  };
  const config = (exclusions: readonly DeclaredExclusion[]) => configWith({ checks: [VM], exclusions });
  const watchOn = (books: Ledger): RegisterWatch => {
    let nonce = 0;
    return new RegisterWatch(
      {
        clock,
        ledger: books,
        log: pino({ level: 'silent' }),
        nonce: () => String(nonce++),
        onExclusions: (declared, of) => {
          inForce = declared;
          counts = Object.fromEntries(of.map(({ state, count }) => [state, count]));
        },
        onTickets: () => undefined,
      },
      config([standing]),
    );
  };
  beforeEach(() => {
    ledger = memoryLedger();
    clock = new FakeClock('2026-03-10T12:00:00Z');
    inForce = [];
    counts = {};
  });

  it('a proposal is made once, by several vantages and after a restart, and counts once confirmed elsewhere', async () => {
    const watch = watchOn(ledger);
    await watch.start();
    await Promise.all([watch.heard(VM, told(PLANNED)), watch.heard(VM, told(PLANNED))]);
    await clock.advance(1_000);
    await settle();
    expect(counts).toEqual({ proposed: 1, 'in-force': 1, withdrawn: 0 });
    expect(inForce).toEqual([standing]);
    await watch.stop();

    const second = watchOn(ledger);
    await second.start();
    await second.heard(VM, told(PLANNED));
    const [, proposal] = second.exclusions;
    expect(proposal).toMatchObject({ state: 'proposed', source: 'check vm-a1: MaintenanceEvents' });
    await watch.exclusionDesk.confirm(proposal?.id ?? '', '', { author: 'ann', from: 'cli' });
    await clock.advance(1_000);
    await settle();
    expect(inForce).toMatchObject([standing, { kind: 'maintenance', checks: ['vm-a1'] }]);
    expect(await ledger.entries('exclusions', 0)).toHaveLength(2);
    await second.stop();
    expect(clock.pending).toBe(0);
  });

  it('another configuration: its exclusions take the place of those of the last one', async () => {
    const watch = watchOn(ledger);
    await watch.start();
    watch.reconfigure(config([]));
    expect(inForce).toEqual([]);
    await watch.stop();
  });

  it('books that cannot be read are looked into again, and what counted goes on counting', async () => {
    let isBroken = false;
    const flaky: Ledger = {
      append: (...about) => ledger.append(...about),
      entries: (...about) => (isBroken ? Promise.reject(new Error('away')) : ledger.entries(...about)),
    };
    const watch = watchOn(flaky);
    await watch.heard(VM, told(PLANNED));
    await watch.start();
    const [, proposal] = watch.exclusions;
    isBroken = true;
    await clock.advance(3_000);
    isBroken = false;
    await watch.exclusionDesk.confirm(proposal?.id ?? '', '', { author: 'ann', from: 'cli' });
    isBroken = true;
    await clock.advance(1_000);
    await settle();
    expect(inForce).toEqual([standing]);
    isBroken = false;
    await clock.advance(1_000);
    await settle();
    expect(inForce).toHaveLength(2);
    await watch.stop();
  });
});
