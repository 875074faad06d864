import { readFileSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { probeKinds } from '../../probes/index.ts';
import { ArchiveReader } from '../keeping/archive-reader.ts';
import { systemClock } from '../clock.ts';
import type { ArchiveFiles } from '../evidence/archive-files.ts';
import { folderFiles } from '../evidence/archive-files.ts';
import { keyName, verifyingKey } from '../evidence/signature.ts';
import { type ArchiveReport, verifyArchive } from '../evidence/verify-archive.ts';
import { judgeDays } from '../keeping/observed-timelines.ts';
import { openArchive } from '../keeping/opened-archive.ts';
import { rejudge, type Rejudged } from '../keeping/rejudging.ts';
import { unzipped } from '../report/pack.ts';
import { BucketError } from '../keeping/s3-archive.ts';
import { type ClaimReport, verifyPack } from '../keeping/verify-pack.ts';
import { verifyReport } from '../keeping/verify-report.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';

/** Options of `vigie verify`. */
export interface VerifyOptions {
  readonly config: string;
  /** Files of public keys (PEM); any key when none is named. */
  readonly key: readonly string[];
  /** A report that must follow from the archive. */
  readonly report?: string;
  readonly output: OutputFormat;
}

/** One thing that is wrong. */
interface Fault {
  readonly code: string;
  readonly where: string;
  readonly detail: string;
}

/**
 * `vigie verify`: whether an archive, or a claim pack, is as it was written, and whether the figures follow from it. An
 * archive is a folder, or what the configuration names when nothing is given. A fault is a finding.
 */
export async function verify(place: string | undefined, options: VerifyOptions, io: Io): Promise<ExitCode> {
  const trusted = new Set(options.key.map(keyIn));
  if (place !== undefined && isFile(place)) return tellPack(await packReport(place, trusted), options, io);
  if (place !== undefined)
    return tellArchive(await archiveReport(folderFiles(place), trusted, options), options, io);
  const config = loadOrTell(options.config, probeKinds(), io);
  if (!config) return EXIT.configuration;
  if (!config.evidence?.archive)
    throw new UsageError(
      `${options.config} names no archive (evidence.directory or evidence.s3): name a folder or a zip`,
    );
  const { files, close } = openArchive(config.evidence.archive, systemClock);
  try {
    return tellArchive(await archiveReport(files, trusted, options), options, io);
  } catch (error) {
    if (error instanceof BucketError) throw new UsageError(error.message);
    throw error;
  } finally {
    await close();
  }
}

function isFile(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new UsageError(`there is no ${path}; expected the folder of an archive or a claim pack`);
  return stat.isFile();
}

function keyIn(path: string): string {
  try {
    return keyName(verifyingKey(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new UsageError(`--key ${path}: ${error instanceof Error ? error.message : 'it cannot be read'}`);
  }
}

async function packReport(path: string, trusted: ReadonlySet<string>): Promise<ClaimReport> {
  const files = unzipped(readFileSync(path));
  if (!files) throw new UsageError(`${path} is no zip, or larger than a claim pack can be`);
  return verifyPack(files, trusted, () => setImmediate());
}

function tellPack(report: ClaimReport, { output }: VerifyOptions, io: Io): ExitCode {
  const { faults, files, signedBy, subject, notes } = report;
  if (output === 'json') io.out(jsonText(report));
  else {
    const about = subject ? `claim on ${subject.row}, ${subject.span.name}` : 'no claim';
    io.out(`${about}: ${files} files, ${signedBy === null ? 'not signed' : `signed by key ${signedBy}`}\n`);
    tell(faults, notes, io);
  }
  return faults.length > 0 ? EXIT.finding : EXIT.fine;
}

interface WholeReport extends Omit<ArchiveReport, 'faults'> {
  readonly faults: readonly Fault[];
  readonly closings: Rejudged;
}

async function archiveReport(
  files: ArchiveFiles,
  trusted: ReadonlySet<string>,
  { report }: VerifyOptions,
): Promise<WholeReport> {
  const breathe = (): Promise<void> => setImmediate();
  const written = await verifyArchive(files, trusted);
  if (written.faults.some(({ code }) => code === 'no-archive'))
    return { ...written, closings: { faults: [], proven: [], notes: [] } };
  const reader = await ArchiveReader.open(files);
  const closings = await rejudge(reader, breathe);
  const others: readonly Fault[] = [
    ...(await judgeDays(reader, breathe)),
    ...closings.faults,
    ...(report === undefined ? [] : await verifyReport(report, readFileSync(report), reader)),
  ];
  return { ...written, faults: [...written.faults, ...others], closings };
}

function tellArchive(report: WholeReport, { output }: VerifyOptions, io: Io): ExitCode {
  if (output === 'json') io.out(jsonText(report));
  else {
    const { days, files, signatures, unsigned, closings, faults } = report;
    const span = days ? `${days.count} days, ${days.first} to ${days.last}` : 'no days';
    const signed = `${signatures.length} signatures${unsigned > 0 ? `, ${unsigned} files after the last` : ''}`;
    io.out(`archive: ${files} files, ${span}; ${signed}\n`);
    io.out(`closings that follow from it, to the byte: ${closings.proven.length}\n`);
    tell(
      faults,
      closings.notes.map(({ where, detail }) => `${where}: ${detail}`),
      io,
    );
  }
  return report.faults.length > 0 ? EXIT.finding : EXIT.fine;
}

function tell(faults: readonly Fault[], notes: readonly string[], io: Io): void {
  for (const note of notes) io.out(`note: ${note}\n`);
  for (const { code, where, detail } of faults) io.out(`${code} ${where}: ${detail}\n`);
  io.out(faults.length === 0 ? 'nothing was added, dropped or altered since\n' : `${faults.length} faults\n`);
}
