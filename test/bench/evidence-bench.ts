import type { Check } from '../../src/core/check.ts';
import type { Observation } from '../../src/core/observation.ts';
import { Archive } from '../../src/evidence/archive.ts';
import { timelineSections, seenSections } from '../../src/keeping/evidence-day.ts';
import { Judge } from '../../src/judge/judge.ts';
import { takeIn } from '../../src/casework/judging.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { memoryFiles } from '../evidence/memory-files.ts';
import { contractWith } from '../judge/make-judge.ts';
import { type Bench, type Figure, figure } from './figure.ts';

const CHECKS = 100;
const VANTAGES = ['az-a', 'az-b', 'outside'];
const INTERVAL_MS = 10_000;
const DAY_MS = 86_400_000;
const SLOTS = DAY_MS / INTERVAL_MS;
const DAYS = 3;
const YEAR_DAYS = 365;
const MOST_MEGABYTES = 200;
const START = Date.UTC(2026, 2, 1);

const CHECKED: readonly Check[] = Array.from({ length: CHECKS }, (_, i) => ({
  ...{
    id: `check-${i}`,
    probe: 'http',
    row: 'row',
    scope: `s${i}`,
    intervalMs: INTERVAL_MS,
    timeoutMs: 3_000,
  },
  ...{ attempts: 1, confirm: 2, vantages: VANTAGES, settings: null, expectations: {} },
}));

/** How failures come about on a day. */
interface Weather {
  readonly name: string;
  /** Share of the slots that are bad. */
  readonly share: number;
  /** How many slots of all vantages in a row one failure takes. */
  readonly length: number;
  /** The ids alone, 122 bits each, come to 144 MB a year: such a year is measured and has no goal. */
  readonly isExtreme?: true;
  /** Whether every bad slot has an id of its own in its evidence, which nothing compresses. */
  readonly hasIds: boolean;
}

const WEATHERS: readonly Weather[] = [
  { name: '0.1 % bad, scattered, with request ids', share: 0.001, length: 1, hasIds: true },
  {
    name: '1 % bad, half in outages of 5 min, half scattered with request ids',
    share: 0.01,
    length: 30,
    hasIds: true,
  },
  {
    name: '1 % bad, scattered, every one with a request id',
    share: 0.01,
    length: 1,
    hasIds: true,
    isExtreme: true,
  },
  { name: '1 % bad, scattered timeouts', share: 0.01, length: 1, hasIds: false },
];

/** Size of the archive, from some days of each weather: days differ only by chance, so that a year is 365 of them. */
export const evidenceBench: Bench = {
  name: 'evidence',
  summary: `evidence of ${CHECKS} checks × ${VANTAGES.length} vantages every 10 s, ${DAYS} days of each kind, as a year`,
  async run() {
    const figures: Figure[] = [];
    for (const weather of WEATHERS) {
      const sizes = await archived(weather);
      const yearly = sizes.map((bytes) => (bytes * YEAR_DAYS) / 1e6);
      figures.push(
        figure(
          `evidence: a year, ${weather.name}`,
          'MB',
          yearly,
          weather.isExtreme ? undefined : MOST_MEGABYTES,
        ),
      );
    }
    return figures;
  },
};

async function archived(weather: Weather): Promise<readonly number[]> {
  const files = memoryFiles();
  const archive = await Archive.open(files);
  const breathe = (): Promise<void> => Promise.resolve();
  for (let i = 0; i < DAYS; i++) {
    const dayMs = START + i * DAY_MS;
    const store = memoryStore();
    for (const check of CHECKED) await store.put(observationsOf(check, dayMs, weather));
    await archive.addDay({
      header: { day: new Date(dayMs).toISOString().slice(0, 10), vigie: '0.1.0', rules: {} },
      seen: await seenSections({ store, dayMs, breathe }, CHECKED),
      said: timelineSections(await judgedOn(store, dayMs), dayMs),
    });
  }
  return archive.links.map(({ bytes }) => bytes);
}

async function judgedOn(store: ReturnType<typeof memoryStore>, dayMs: number) {
  const contract = contractWith({ id: 'row' });
  const judge = new Judge({
    contract,
    checks: CHECKED,
    compositions: [],
    exclusions: [],
    coversRegion: true,
  });
  const atMs = dayMs + DAY_MS + 60_000;
  await takeIn(judge, store, atMs);
  return CHECKED.flatMap(({ id }) => {
    const unsaved = judge.unsaved(id);
    if (!unsaved) return [];
    const { cursorMs, transitions } = unsaved;
    return [{ check: id, epoch: 1, cursorMs, transitions }];
  });
}

/** Outages strike all vantages at once; what is scattered, one by itself. */
function observationsOf({ id, intervalMs }: Check, dayMs: number, weather: Weather): readonly Observation[] {
  const { share, length, hasIds } = weather;
  const scattered = length === 1 ? share : share / 2;
  const outage = length === 1 ? 0 : share / 2 / length;
  const first = dayMs / INTERVAL_MS;
  let downUntil = 0;
  return Array.from({ length: SLOTS }, (_, i) => i).flatMap((i) => {
    if (Math.random() < outage) downUntil = i + length;
    return VANTAGES.map((vantage): Observation => {
      const seen = { check: id, intervalMs, vantage, slot: first + i };
      if (i < downUntil) return { ...seen, outcome: 'bad', cause: 'timeout' };
      if (Math.random() >= scattered) return { ...seen, outcome: 'good' };
      if (!hasIds) return { ...seen, outcome: 'bad', cause: 'timeout' };
      const evidence = { status: 503, 'x-request-id': crypto.randomUUID() };
      return { ...seen, outcome: 'bad', cause: 'status', evidence };
    });
  });
}
