import { writeFile } from 'node:fs/promises';
import { claimPeriod } from '../keeping/claim-pack.ts';
import { systemClock } from '../clock.ts';
import type { ReportLanguage } from '../report/figures.ts';
import { findChromium, printPdf } from '../report/print-pdf.ts';
import type { ReportFormat } from '../report/format.ts';
import { reportName, reportText } from '../report/report.ts';
import { type OpenBooks, withBooks } from './books.ts';
import { gatheredClaim } from './claim-sources.ts';
import { closingWanted } from './closing-lookup.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';

/** Options of `vigie report`. */
export interface ReportOptions {
  readonly config: string;
  readonly format: ReportFormat | 'pdf';
  readonly lang: ReportLanguage;
  /** Of the closing, where the latest is not meant. */
  readonly number?: number;
  /** The row that is claimed. */
  readonly claim?: string;
  readonly out?: string;
  readonly url?: string;
}

/**
 * `vigie report`: what a period came to, from its closing, or provisionally while it is not closed; or, with `--claim`, a
 * claim on a row in one zip. PDF and zip are written to a file, whose name is printed.
 */
export function report(period: string, options: ReportOptions, io: Io): Promise<ExitCode> {
  return withBooks(options.config, io, async (books) => {
    if (options.claim !== undefined) await writeClaim(options.claim, period, options, books, io);
    else await writeReport(period, options, books, io);
    return EXIT.fine;
  });
}

async function writeReport(period: string, options: ReportOptions, books: OpenBooks, io: Io): Promise<void> {
  const { format, lang, out } = options;
  const kept = await closingWanted({ period, ...lookup(options, io) }, books);
  if (kept.closing.number === null) io.err(`${period} is not closed: this is provisional\n`);
  if (format === 'pdf') {
    const name = out ?? reportName(kept.closing, 'pdf');
    await printed(reportText(kept, 'html', lang), name, io);
    io.out(`${name}\n`);
    return;
  }
  const text = reportText(kept, format, lang);
  if (out === undefined) io.out(text);
  else await written(out, text, io);
}

async function printed(page: string, to: string, { env, stopped: signal }: Io): Promise<void> {
  const chromium = findChromium(env['PATH']);
  if (chromium === undefined)
    throw new UsageError(
      'PDF is printed by Chromium, and there is none on the PATH: install chromium, or use --format html and print that',
    );
  const answer = await printPdf(page, to, chromium, { clock: systemClock, signal });
  if (!answer.ok) throw new UsageError(answer.detail);
}

function lookup({ number, url }: ReportOptions, { env }: Io) {
  const token = env['VIGIE_TOKEN'];
  return {
    ...(number !== undefined && { number }),
    ...(url !== undefined && { url }),
    ...(token !== undefined && { token }),
  };
}

async function written(name: string, content: string | Uint8Array, io: Io): Promise<void> {
  try {
    await writeFile(name, content);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(`${name} cannot be written: ${code}`);
  }
  io.out(`${name}\n`);
}

async function writeClaim(
  row: string,
  name: string,
  options: ReportOptions,
  books: OpenBooks,
  io: Io,
): Promise<void> {
  const { config } = books;
  const asked = claimPeriod(config, row, name);
  if (!asked)
    throw new UsageError(
      `there is no claim on ${row} in ${name}: expected a row of the contract and its period`,
    );
  const kept = await closingWanted({ period: asked.period, ...lookup(options, io) }, books);
  if (kept.closing.number === null) io.err(`${asked.period} is not closed: this claim is provisional\n`);
  const pack = await gatheredClaim(kept, asked.subject, lookup(options, io), books);
  if (!pack) throw new UsageError(`${asked.period} has no verdict on ${row}`);
  await written(options.out ?? `claim-${row}-${name}.zip`, pack, io);
}
