import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ntpProbe } from '../../probes/ntp.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Expectations } from '../../src/core/expectation.ts';
import { startChronyd, untilChronyd } from '../servers/chronyd.ts';
import type { Chronyd } from '../servers/chronyd.ts';
import { findProgram } from '../servers/packages.ts';

const ALLOW = 'allow 127.0.0.0/8';

interface Seen {
  readonly outcome: string;
  readonly cause: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

async function probed(
  server: Chronyd,
  settings: object = {},
  expectations: Expectations = {},
): Promise<Seen> {
  const kind = ntpProbe();
  const parsed = kind.settings.parse({
    server: server.host,
    port: server.port,
    spacing: '50ms',
    ...settings,
  });
  const signal = AbortSignal.timeout(2_000);
  const reading = await kind.configure(parsed).run({ signal, clock: systemClock, random: systemRandom });
  await kind.close();
  const told = classify(reading, { ...kind.defaults, ...expectations }, kind.values(parsed));
  return {
    outcome: told.outcome,
    cause: 'cause' in told ? told.cause : undefined,
    values: reading.kind === 'answer' ? (reading.values ?? {}) : {},
  };
}

describe.skipIf(!findProgram('chronyd'))('ntp against chronyd (needs chronyd from chrony)', () => {
  const started: Chronyd[] = [];
  const start = async (...lines: readonly string[]): Promise<Chronyd> => {
    const server = await startChronyd(...lines);
    started.push(server);
    return server;
  };
  const clientOf = (server: Chronyd, ...options: readonly string[]): Promise<Chronyd> =>
    start(
      ALLOW,
      `server ${server.host} port ${server.port} iburst minpoll -2 maxpoll -2 ${options.join(' ')}`,
    );

  const servers: Partial<
    Record<'stratum3' | 'stratum15' | 'ahead' | 'below15' | 'alone' | 'closed', Chronyd>
  > = {};
  const server = (name: keyof typeof servers): Chronyd => {
    const found = servers[name];
    if (!found) throw new Error(`${name} was not started`);
    return found;
  };

  beforeAll(async () => {
    const stratum3 = (servers.stratum3 = await start(ALLOW, 'local stratum 3'));
    const stratum15 = (servers.stratum15 = await start(ALLOW, 'local stratum 15'));
    servers.alone = await start(ALLOW);
    servers.closed = await start('allow 192.0.2.0/24', 'local stratum 3');
    await untilChronyd(stratum3, ({ stratum }) => stratum === 3);
    await untilChronyd(stratum15, ({ stratum }) => stratum === 15);
    const ahead = (servers.ahead = await clientOf(stratum3, 'offset 0.123'));
    const below15 = (servers.below15 = await clientOf(stratum15));
    await Promise.all([
      untilChronyd(ahead, ({ stratum }) => stratum === 4),
      untilChronyd(below15, ({ stratum, leap }) => stratum === 0 && leap === 0),
      untilChronyd(servers.alone, ({ stratum }) => stratum === 0),
    ]);
  });

  afterAll(() => Promise.all(started.map(({ close }) => close())));

  it('a synchronised server is good, its offset from this very clock below 5 ms', async () => {
    const { outcome, values } = await probed(server('stratum3'));
    expect(outcome).toBe('good');
    expect(values).toMatchObject({ stratum: 3, leap: 'none', referenceId: '127.127.1.1', exchanges: 4 });
    expect(values['offsetAbsMs']).toBeLessThan(5);
  });

  it('stratum 15 is the last that is synchronised', async () => {
    expect(await probed(server('stratum15'))).toMatchObject({ outcome: 'good', values: { stratum: 15 } });
  });

  it('a server without any source says leap indicator 3, stratum 0: unsynchronised', async () => {
    expect(await probed(server('alone'))).toMatchObject({
      outcome: 'bad',
      cause: 'unsynchronised',
      values: { stratum: 0, leap: 'unsynchronised', synchronised: false },
    });
  });

  it('a client of stratum 15 says leap indicator 0, stratum 0: unsynchronised', async () => {
    expect(await probed(server('below15'))).toMatchObject({
      outcome: 'bad',
      cause: 'unsynchronised',
      values: { stratum: 0, leap: 'none', synchronised: false },
    });
  });

  it('a server that is 123 ms ahead is seen to be, and bad where the offset is expected to be small', async () => {
    const seen = await probed(server('ahead'), {}, { offsetAbsMs: { below: 100 } });
    expect(seen).toMatchObject({
      outcome: 'bad',
      cause: 'offset',
      values: { stratum: 4, synchronised: true },
    });
    expect(Math.abs(Number(seen.values['offsetMs']) - 123)).toBeLessThan(5);
  });

  it('a server that drops what exceeds its rate is good by those it does send', async () => {
    const limiting = await start(ALLOW, 'local stratum 3', 'ratelimit interval 4 burst 1 leak 10');
    await untilChronyd(limiting, ({ stratum }) => stratum === 3);
    const { outcome, values } = await probed(limiting, { exchanges: 8 });
    // chronyd lets every sixteenth request through at random.
    expect(outcome).toBe('good');
    expect(values['exchanges']).toBeLessThan(8);
  });

  it('a server that serves others but not us is a timeout', async () => {
    expect(await probed(server('closed'), { exchanges: 2 })).toMatchObject({
      outcome: 'bad',
      cause: 'timeout',
    });
  });
});
