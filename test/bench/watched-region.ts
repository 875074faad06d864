import { checksOf, httpSettings, writeConfiguration } from './configuration.ts';
import { HelperProcess } from './helper-process.ts';
import type { TargetTalk } from './targets.ts';
import { RUNTIME_FLAGS } from './vigie-process.ts';
import type { WatcherTalk } from './watcher.ts';

/** Processes that look at each other: http targets and vigie. */
export interface WatchedRegion {
  readonly targets: HelperProcess<TargetTalk>;
  readonly port: number;
  readonly watcher: HelperProcess<WatcherTalk>;
  /** Of vigie's HTTP side. */
  readonly origin: string;
}

/** Has so many http checks watched, each run noted, while `use` looks on; then ends everything. */
export async function withWatchedRegion<T>(
  checks: number,
  interval: string,
  use: (region: WatchedRegion) => Promise<T>,
): Promise<T> {
  const targets = new HelperProcess<TargetTalk>('./targets.ts');
  const watcher = new HelperProcess<WatcherTalk>('./watcher.ts', RUNTIME_FLAGS);
  let remove = (): void => undefined;
  try {
    const { port } = await targets.ask('http', null);
    const configuration = writeConfiguration(
      checksOf('http', httpSettings(`http://127.0.0.1:${port}`, checks), interval),
    );
    remove = configuration.remove;
    const origin = await watcher.ask('start', { path: configuration.path, record: true });
    return await use({ targets, port, watcher, origin });
  } finally {
    await watcher.end();
    await targets.end();
    remove();
  }
}
