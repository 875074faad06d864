import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebServer } from '../../src/web/server.ts';
import { latencySource } from '../../src/live/latency-control.ts';
import { LatencyLog } from '../../src/live/latency-log.ts';
import type { LatencyStore } from '../../src/window/latency-store.ts';
import { WindowStoreError } from '../../src/window/store-error.ts';
import { judgedCheck } from '../judge/make-judge.ts';
import type { ShownLatencies } from '../../src/web/latency-source.ts';
import { manyLatencies, sourcesWith, stagedServer } from './page-stage.ts';

interface Shown {
  readonly latencies: readonly { readonly from: string; readonly to: string; readonly count: number }[];
}

interface Drawn {
  readonly series: readonly {
    readonly name: string;
    readonly at: readonly number[];
    readonly p50: readonly (number | null)[];
  }[];
}

let server: WebServer & { url: string };
beforeAll(async () => {
  server = await stagedServer();
});
afterAll(() => server.stop());

async function get(path: string) {
  const { statusCode, body } = await request(`${server.url}${path}`);
  return { status: statusCode, text: await body.text() };
}

async function shown(query: string): Promise<Shown['latencies']> {
  return (JSON.parse((await get(`/api/latencies?${query}`)).text) as Shown).latencies;
}

describe('GET /api/latencies', () => {
  test('by the hour: percentiles, how many they are made of, and nothing where nothing was measured', async () => {
    const rows = await shown('check=dns&from=2026-03-16T00:00:00Z&to=2026-03-20T00:00:00Z');
    expect(rows).toHaveLength(48);
    expect(rows[0]).toEqual({
      ...{ check: 'dns', vantage: 'az-a', from: '2026-03-17T00:00:00.000Z', to: '2026-03-17T01:00:00.000Z' },
      ...{ count: 10, p50: expect.closeTo(8, 0), p90: expect.closeTo(12, 0), p99: 12.838, max: 13 },
    });
    expect(rows.filter(({ from }) => from.startsWith('2026-03-18'))).toEqual([]);
  });

  test('in longer stretches the hours are put together', async () => {
    const rows = await shown('check=dns&from=2026-03-16T00:00:00Z&to=2026-03-20T00:00:00Z&step=1d');
    expect(rows.map(({ from, to, count }) => [from.slice(0, 10), to.slice(0, 10), count])).toEqual([
      ['2026-03-17', '2026-03-18', 240],
      ['2026-03-19', '2026-03-20', 240],
    ]);
  });

  test('only of the checks and vantages that are asked for; as a table', async () => {
    const span = 'from=2026-03-17T00:00:00Z&to=2026-03-17T01:00:00Z';
    expect(await shown(`check=dns&vantage=az-b&${span}`)).toEqual([]);
    expect(await shown(`check=dns&check=internet&vantage=az-a&${span}`)).toHaveLength(2);
    const { text } = await get(`/api/latencies?check=dns&${span}&format=csv`);
    expect(text).toMatch(
      /^check,vantage,from,to,count,p50,p90,p99,max\r\ndns,az-a,2026-03-17T00:00:00.000Z,.*,10,/,
    );
  });

  test.each([
    ['check=nothing', 422, 'there is no check'],
    ['from=2026-03-17T00:00:00Z&to=2026-03-16T00:00:00Z', 422, 'to is before from'],
    ['from=2020-03-17T00:00:00Z', 422, 'too much for one answer'],
    ['step=2h', 422, 'step'],
  ])('%s: %i, and says why', async (query, status, detail) => {
    const answer = await get(`/api/latencies?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(detail);
  });

  test('with the store away: 503; any other failure is a bug', async () => {
    const failing = (trouble: Error): LatencyStore => ({
      put: () => Promise.reject(trouble),
      read: () => Promise.reject(trouble),
    });
    const sourceOf = (trouble: Error) =>
      latencySource({
        config: () => ({ checks: [judgedCheck({ id: 'dns' })] }),
        log: new LatencyLog(),
        store: () => failing(trouble),
        nowMs: () => 0,
        breathe: () => Promise.resolve(),
      });
    const query = { checks: [], vantages: [], fromMs: 0, toMs: 3_600_000, stepMs: 3_600_000 };
    const away = sourceOf(new WindowStoreError('away', 'the windows are away'));
    expect(await away(query)).toEqual({ ok: false, why: 'away', detail: 'the windows are away' });
    await expect(sourceOf(new Error('a bug'))(query)).rejects.toThrow('a bug');
    const other = await stagedServer({ latencies: away });
    const { statusCode, body } = await request(`${other.url}/api/latencies`);
    expect([statusCode, await body.text()]).toEqual([503, expect.stringContaining('the windows are away')]);
    await other.stop();
  });
});

describe('latencies on the page of a row', () => {
  const drawn = (text: string): Drawn => {
    const [, json = ''] = /<script[^>]*id="latency-data"[^>]*>([^<]*)</.exec(text) ?? [];
    return JSON.parse(json) as Drawn;
  };

  test('lately: what was kept by the hour, then ten minutes at a time, with gaps where nothing was measured', async () => {
    const { text } = await get('/rows/sla3.dns');
    const [series] = drawn(text).series;
    expect(series?.name).toBe('dns · az-a');
    const at = series?.at.map((seconds) => new Date(seconds * 1_000).toISOString().slice(8, 16)) ?? [];
    expect([at[0], at.at(-1), at.length]).toEqual(['17T00:00', '20T10:50', 24 + 1 + 24 + 1 + 6]);
    const gaps = at.filter((_, i) => series?.p50[i] === null);
    expect(gaps).toEqual(['18T00:00', '20T00:00']);
    expect(text).toMatch(/of stretches of time of up to 1\sh/);
    expect(text).toMatch(/data-key="dns az-a">[^]*?<td class="number">60<\/td>/);
  });

  test('of a period that is over: what was kept of it, or that there is nothing', async () => {
    const { text } = await get('/rows/sla3.dns?period=2026-02');
    expect(text).toContain('id="latency"');
    expect(text).toContain('No latency of these checks is known of this time.');
  });

  describe('of many checks', () => {
    const paged = async (latencies: ShownLatencies, path = '/rows/sla3.dns'): Promise<string> => {
      const other = await stagedServer(await sourcesWith(latencies));
      const { body } = await request(`${other.url}${path}`);
      const text = await body.text();
      await other.stop();
      return text.slice(text.indexOf('id="latency"'));
    };

    test('the chart has the first, the table all that are told; the page says how many of how many', async () => {
      const shown = manyLatencies({ drawn: 30, told: 285, all: 2_000 });
      const text = await paged(shown);
      expect(drawn(text).series.map(({ name }) => name)).toEqual(
        shown.drawn.map(({ check }) => `${check} · az-a`),
      );
      expect(text.match(/data-key="many-\d+ az-a"/g)).toHaveLength(285);
      expect(text).toContain('Checks shown here: the first 285 of 2,000; /api/latencies tells of all.');
      expect(text).toContain('Checks drawn: the first 30 of 285; the table has them all.');
    });

    test('in French', async () => {
      const text = await paged(manyLatencies({ drawn: 30, told: 285, all: 2_000 }), '/rows/sla3.dns?lang=fr');
      expect(text).toMatch(/Contrôles montrés ici : les premiers, 285 sur 2\s000 ; /);
      expect(text).toContain('Contrôles tracés : les premiers, 30 sur 285 ; le tableau les a tous.');
    });

    test('where all are shown nothing is said; where only the table leaves none out, of the chart alone', async () => {
      const whole = await paged(manyLatencies({ drawn: 3, told: 3, all: 3 }));
      expect(whole).not.toMatch(/Checks (?:shown|drawn)/);
      const listed = await paged(manyLatencies({ drawn: 3, told: 5, all: 5 }));
      expect(listed).not.toContain('Checks shown');
      expect(listed).toContain('Checks drawn: the first 3 of 5');
    });

    test('where no latency of those looked at is known it is said of how many that is', async () => {
      const text = await paged({ drawn: [], listed: [], checks: { drawn: 5, told: 5, all: 9 } });
      expect(text).toContain('No latency of these checks is known of this time.');
      expect(text).toContain('Checks shown here: the first 5 of 9');
      expect(text).not.toContain('Checks drawn');
    });
  });
});
