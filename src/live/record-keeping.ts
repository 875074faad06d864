import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { ArchiveReader } from '../keeping/archive-reader.ts';
import { Archiving } from '../keeping/archiving.ts';
import { ClosingDesk, type ClosingDeskOptions } from '../keeping/closing-desk.ts';
import type { Config } from '../config/config.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import { graceOf } from '../keeping/due-periods.ts';
import type { ArchiveFiles } from '../evidence/archive-files.ts';
import { signingKey } from '../evidence/signature.ts';
import { openArchive, type OpenedArchive } from '../keeping/opened-archive.ts';
import { REPORT_LANGUAGES } from '../report/figures.ts';
import { findChromium, printPdf } from '../report/print-pdf.ts';
import { type KeptClosing, reportName, reportText } from '../report/report.ts';
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
  /** The folders that Chromium is looked for in, as in `PATH`. */
  readonly programPath?: string | undefined;
  /** Cuts short what may take long: vigie ends. */
  readonly signal: AbortSignal;
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
  #lackTold = false;

  constructor(options: RecordKeepingOptions) {
    this.#options = options;
    const { retention, ...desk } = options;
    this.#desk = new ClosingDesk({
      ...desk,
      keptMs: retention.transitionsMs,
      archive: () => this.#archiveReader(),
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
    this.#tellLack();
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
  async #archiveFiles(): Promise<ArchiveFiles | undefined> {
    const { evidence } = this.#options.config();
    if (!evidence?.archive) return undefined;
    if (this.#opened?.place !== evidence) {
      await this.#opened?.archive.close();
      this.#opened = { place: evidence, archive: openArchive(evidence.archive, this.#options.clock) };
    }
    return this.#opened.archive.files;
  }

  async #archiveReader(): Promise<ArchiveReader | undefined> {
    const files = await this.#archiveFiles();
    return files && ArchiveReader.open(files);
  }

  async #archiving(): Promise<Archiving | undefined> {
    const { config, clock, retention, ...options } = this.#options;
    const files = await this.#archiveFiles();
    if (!files) return undefined;
    const pem = config().evidence?.key?.reveal();
    return new Archiving({
      ...{ ...options, clock, config, files },
      key: pem === undefined ? undefined : signingKey(pem),
      book: () => this.#desk.book,
      graceMs: () => graceOf(config()),
      slotsKeptMs: retention.slotsMs,
    });
  }

  async #onClosed(closing: ClosedPeriod, text: string): Promise<void> {
    const { config, log } = this.#options;
    this.#hasNews = true;
    const folder = join(config().dataDir, 'reports');
    try {
      await writeReports(folder, { closing, text });
      await this.#print(folder, { closing, text });
    } catch (error) {
      log.error({ err: error, period: closing.period.name }, 'the reports of a period could not be written');
    }
  }

  /** As soon as it shows, and once: at the close of a month it would be late to learn of it. */
  #tellLack(): void {
    const { config, log, programPath } = this.#options;
    if (!config().reports?.pdf || this.#lackTold) return;
    this.#lackTold = true;
    if (findChromium(programPath) === undefined)
      log.warn('reports.pdf is true, but there is no Chromium on the PATH: reports are not printed as PDF');
  }

  async #print(folder: string, kept: KeptClosing): Promise<void> {
    const { config, clock, log, programPath, signal } = this.#options;
    if (!config().reports?.pdf) return;
    const chromium = findChromium(programPath);
    if (chromium === undefined) return;
    for (const language of REPORT_LANGUAGES) {
      const to = join(folder, reportName(kept.closing, `${language}.pdf`));
      const printed = await printPdf(reportText(kept, 'html', language), to, chromium, { clock, signal });
      if (printed.ok) await chmod(to, 0o640);
      else log.error({ detail: printed.detail, file: to }, 'a report could not be printed as PDF');
    }
  }
}

async function writeReports(folder: string, kept: KeptClosing): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (extension: string, content: string): Promise<void> =>
    writeFile(join(folder, reportName(kept.closing, extension)), content, { mode: 0o640 });
  await write('json', reportText(kept, 'json', 'en'));
  await write('csv', reportText(kept, 'csv', 'en'));
  for (const language of REPORT_LANGUAGES)
    await write(`${language}.html`, reportText(kept, 'html', language));
}
