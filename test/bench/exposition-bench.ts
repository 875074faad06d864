import { type Bench, figure, ratio } from './figure.ts';
import { type Exposed, type ExpositionTalk } from './exposition-load.ts';
import { HelperProcess } from './helper-process.ts';

const ROUNDS = 3;

/** How long a scrape holds the loop that the probes run in, against prom-client rendering in that loop. */
export function expositionBench(checks: number, series: number): Bench {
  const what = `${series} series`;
  return {
    name: `metrics-${series}`,
    summary: `a scrape of ${what}: how long it takes and holds the event loop`,
    async run() {
      const [ours, theirs]: [Exposed[], Exposed[]] = [[], []];
      for (let i = 0; i < ROUNDS; i++) {
        ours.push(await once('vigie', checks));
        theirs.push(await once('promClient', checks));
      }
      const held = (exposed: readonly Exposed[]): number[] => exposed.map(({ heldMs }) => heldMs);
      return [
        figure(
          `${what}: vigie, shown`,
          'series',
          ours.map((each) => each.series),
        ),
        figure(
          `${what}: vigie, a scrape takes`,
          'ms',
          ours.map((each) => each.tookMs),
        ),
        figure(`${what}: vigie, holds the loop for`, 'ms', held(ours)),
        figure(`${what}: prom-client, holds the loop for`, 'ms', held(theirs)),
        ratio(`${what}: vigie by prom-client, loop held`, held(ours), held(theirs)),
      ];
    },
  };
}

async function once(who: keyof ExpositionTalk, checks: number): Promise<Exposed> {
  const load = new HelperProcess<ExpositionTalk>('./exposition-load.ts');
  try {
    return await load.ask(who, { checks });
  } finally {
    await load.end();
  }
}
