import { randomUUID } from 'node:crypto';
import { ClosingDesk, type ClosingDeskOptions } from '../../src/keeping/closing-desk.ts';
import type { Config } from '../../src/config/config.ts';
import { exclusionStatementSchema } from '../../src/contract/exclusion-schema.ts';
import type { ClosedPeriod } from '../../src/core/closed-period.ts';
import { ExclusionDesk } from '../../src/register/exclusion-desk.ts';
import { TicketBook } from '../../src/casework/ticket-book.ts';
import { TicketDesk } from '../../src/casework/ticket-desk.ts';
import { memoryLedger } from '../../src/window/ledger-memory.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { FakeClock } from '../fake-clock.ts';
import { loneJudge, putSeen } from '../live/lone-judge.ts';
import { configOf } from '../replay/config-from.ts';

/** Every ten seconds by three vantages. */
export const T = 10_000;
export const VANTAGES = ['a', 'b', 'c'];
/** March 2026 in Paris: 743 hours. */
export const MARCH = { from: Date.parse('2026-02-28T23:00:00Z'), to: Date.parse('2026-03-31T22:00:00Z') };

export const contract = (more = '') => `
id: hosting
version: "1"
title: "<Hosting> & more"
timezone: Europe/Paris
period: {}
readings: { client: { maintenance: counts }, provider: { maintenance: excluded } }
rows:
  - { id: web, clause: "4.1", title: Web, type: availability, target: "99.9", period: month }
  - { id: mail, clause: "4.2", title: Mail, type: availability, target: "99", period: year }
  - { id: gti, clause: "10", title: Intervention, type: support, severity: 1, clock: gti, limit: 15m }
  - { id: gtr, clause: "10", title: Recovery, type: support, severity: 1, clock: gtr, limit: 2h }
${more}
`;
export const PENALTIES =
  'penalties: { tiers: [{ below: "99.9", credit: "10" }], bill: "1000", claimWithin: 30d }';

export const FILES = {
  'contract.yaml': contract(PENALTIES),
  'vigie.yaml': `
contract: contract.yaml
region: r
vantages: [${VANTAGES.join(', ')}]
checks:
  - { id: web, probe: tcp, row: web, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
  - { id: mail, probe: tcp, row: mail, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 2 } }
`,
};

/** A vigie without network: windows, judge, books and the desk that closes, on a clock driven by hand. */
export async function staged(
  files: Readonly<Record<string, string>> = FILES,
  startedAt = '2026-04-01T00:30:00Z',
  more: Partial<ClosingDeskOptions> = {},
) {
  const clock = new FakeClock(startedAt);
  const store = memoryStore();
  const ledger = memoryLedger();
  let config: Config = configOf(files);
  const loop = loneJudge(config, { clock, store });
  const closed: { readonly closing: ClosedPeriod; readonly text: string }[] = [];
  const options: ClosingDeskOptions = {
    clock,
    log: { info: () => undefined, warn: () => undefined },
    ledger,
    store,
    version: '0.1.0',
    keptMs: 425 * 86_400_000,
    config: () => config,
    coversRegion: () => true,
    breathe: () => Promise.resolve(),
    onClosed: (closing, text) => {
      closed.push({ closing, text });
      return Promise.resolve();
    },
    ...more,
  };
  const desk = new ClosingDesk(options);
  const nowMs = () => clock.wallMs();
  const exclusions = new ExclusionDesk({
    ledger,
    nowMs,
    nonce: randomUUID,
    configured: () => config.exclusions,
  });
  const tickets = new TicketDesk({ ledger, book: new TicketBook(config), nowMs, nonce: randomUUID });
  const see = (check: string, from: string, to: string, outcome: 'good' | 'bad') =>
    putSeen(store, { check, vantages: VANTAGES, from, to, outcome });
  return {
    ...{ clock, store, ledger, loop, desk, exclusions, tickets, closed, see, options },
    reconfigure: (changed: Readonly<Record<string, string>>) => {
      config = configOf(changed);
    },
    /** Lets the judge take in what was seen, then the desk look. */
    look: async (afterMs = 2_000) => {
      clock.stepWall(Math.max(0, afterMs - 2_000));
      await clock.advance(2_000);
      await desk.look();
    },
    declare: (id: string, given: object) => {
      const exclusion = { id, reason: 'announced', author: 'ann', ...given };
      const statement = exclusionStatementSchema.parse(exclusion);
      return exclusions.declare({ exclusion, statement }, { author: 'ann', from: 'cli' });
    },
  };
}

/** March seen whole, with one outage of `badS` seconds of the web on the 10th. */
export async function stagedMarch(badS = 2_700, files?: Readonly<Record<string, string>>) {
  const stage = await staged(files);
  for (const check of ['web', 'mail'])
    stage.see(check, '2026-02-28T23:00:00Z', '2026-04-01T00:30:00Z', 'good');
  const end = new Date(Date.parse('2026-03-10T12:00:00Z') + badS * 1_000).toISOString();
  stage.see('web', '2026-03-10T12:00:00Z', end, 'bad');
  await stage.loop.start();
  return stage;
}
