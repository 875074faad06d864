import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Archiving } from '../keeping/archiving.ts';
import { ClosingDesk, type ClosingDeskOptions } from '../keeping/closing-desk.ts';
import type { Config } from '../config/config.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import { graceOf } from '../keeping/due-periods.ts';
import { signingKey } from '../evidence/signature.ts';
import { openArchive, type OpenedArchive } from '../keeping/opened-archive.ts';
import { REPORT_LANGUAGES } from '../report/figures.ts';
import { reportName, reportText } from '../report/report.ts';
import type { PeriodSource } from '../web/period-source.ts';
import type { Retention, WindowStore } from '../window/store.ts';

const DAY_MS = 86_400_000;
/** How long an archive that failed is left alone. */
const RETRY_MS = 600_000;

/** What record keeping works with. */
export interface RecordKeepingOptions extends Pick<
  ClosingDeskOptions,
  'clock' | 'ledger' | 'version' | 'config' | 'coversRegion' | 'breathe'
> {
  readonly log: Logger;
  readonly store: WindowStore;
  readonly retention: Retention;
  /** The archive holds everything up to this instant. Must not throw. */
  readonly onArchived: (atMs: number) => void;
}

/** What is kept for later: closed periods, their reports in `dataDir/reports`, and the archive of evidence. */
export class RecordKeeping {
  readonly #options: RecordKeepingOptions;
  readonly #desk: ClosingDesk;
  #opened: { readonly place: Config['evidence']; readonly archive: OpenedArchive } | undefined;
  #archivedDay: number | undefined;
  #retryAtMs = -Infinity;
  #hasNews = false;

  constructor(options: RecordKeepingOptions) {
    this.#options = options;
    const { retention, ...desk } = options;
    this.#desk = new ClosingDesk({
      ...desk,
      keptMs: retention.transitionsMs,
      onClosed: (closing, text) => this.#onClosed(closing, text),
    });
  }

  /** What the web server shows of it. */
  get periods(): PeriodSource {
    const desk = this.#desk;
    return {
      closings: async () => {
        await desk.book.catchUp();
        return desk.book.closings.map(({ period, number, madeAt, at, amends }) => ({
          ...{ period, number, madeAt, at },
          changes: amends?.changes ?? null,
        }));
      },
      closing: (period, number) => desk.closing(period, number),
      timelines: (checks, fromMs, toMs) => desk.timelines(checks, fromMs, toMs),
    };
  }

  /**
   * Closes and amends what is due, and archives what has ended; to be called every minute. Rejects when ledger or windows
   * are broken; an archive that fails is logged and tried again later.
   */
  async look(): Promise<void> {
    await this.#desk.look();
    await this.#archive();
  }

  async close(): Promise<void> {
    await this.#opened?.archive.close();
  }

  async #archive(): Promise<void> {
    const { clock, config, log, onArchived } = this.#options;
    const nowMs = clock.wallMs();
    const day = Math.floor((nowMs - graceOf(config())) / DAY_MS);
    if ((day === this.#archivedDay && !this.#hasNews) || nowMs < this.#retryAtMs) return;
    const archiving = await this.#archiving();
    if (!archiving) return;
    try {
      this.#hasNews = false;
      await archiving.run();
      this.#archivedDay = day;
      onArchived(day * DAY_MS);
    } catch (error) {
      this.#hasNews = true;
      this.#retryAtMs = nowMs + RETRY_MS;
      log.error({ err: error }, 'the evidence could not be archived; it is tried again');
    }
  }

  /** Opened anew when the configuration names another place or key. */
  async #archiving(): Promise<Archiving | undefined> {
    const { config, clock, retention, ...options } = this.#options;
    const { evidence } = config();
    if (!evidence?.archive) return undefined;
    if (this.#opened?.place !== evidence) {
      await this.#opened?.archive.close();
      this.#opened = { place: evidence, archive: openArchive(evidence.archive, clock) };
    }
    const pem = evidence.key?.reveal();
    return new Archiving({
      ...{ ...options, clock, config },
      files: this.#opened.archive.files,
      key: pem === undefined ? undefined : signingKey(pem),
      book: () => this.#desk.book,
      graceMs: () => graceOf(config()),
      slotsKeptMs: retention.slotsMs,
    });
  }

  async #onClosed(closing: ClosedPeriod, text: string): Promise<void> {
    const { config, log } = this.#options;
    this.#hasNews = true;
    try {
      await writeReports(join(config().dataDir, 'reports'), { closing, text });
    } catch (error) {
      log.error({ err: error, period: closing.period.name }, 'the reports of a period could not be written');
    }
  }
}

async function writeReports(
  folder: string,
  kept: { readonly closing: ClosedPeriod; readonly text: string },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (extension: string, content: string): Promise<void> =>
    writeFile(join(folder, reportName(kept.closing, extension)), content, { mode: 0o640 });
  await write('json', reportText(kept, 'json', 'en'));
  await write('csv', reportText(kept, 'csv', 'en'));
  for (const language of REPORT_LANGUAGES)
    await write(`${language}.html`, reportText(kept, 'html', language));
}
