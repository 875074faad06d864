import { type ArchiveFiles } from './archive-files.ts';
import { CHAIN_FILE, type Link, readChain } from './chain.ts';
import { linesIn, UnpackError } from './compressed.ts';
import { checkRecord, type RecordFault } from './day-record.ts';
import { sha256 } from './digest.ts';
import { checkSignature, parseSigned, type SignedStatement } from './signature.ts';

/** What of an archive is not as it was written; a closed set. */
export type ArchiveFaultCode =
  | 'no-archive'
  | 'chain-unreadable'
  | 'chain-altered'
  | 'chain-out-of-order'
  | 'file-missing'
  | 'file-altered'
  | 'file-unlisted'
  | 'day-missing'
  | 'signature-unreadable'
  | 'signature-false'
  | 'signature-of-another-chain'
  | 'signature-by-another-key';

/** Where an archive is not as it was written. */
export interface ArchiveFault {
  readonly code: ArchiveFaultCode;
  /** The file, or the day that is not there. */
  readonly where: string;
  /** What was found there, for people. */
  readonly detail: string;
}

/** What a verification found. */
export interface ArchiveReport {
  readonly faults: readonly ArchiveFault[];
  readonly files: number;
  /** The days that are archived, first and last; null when there is none. */
  readonly days: { readonly first: string; readonly last: string; readonly count: number } | null;
  readonly signatures: readonly SignedStatement[];
  /** Files added after the last signature: nothing but the chain speaks for them. */
  readonly unsigned: number;
}

/**
 * Whether an archive is as it was written, from its files alone. `trusted`: the names of the keys that may have signed
 * it; without any, all signatures must at least be by one and the same key.
 */
export async function verifyArchive(
  files: ArchiveFiles,
  trusted: ReadonlySet<string>,
): Promise<ArchiveReport> {
  const content = await files.read(CHAIN_FILE);
  if (!content) return nothing({ code: 'no-archive', where: CHAIN_FILE, detail: 'there is no such file' });
  const { links, fault } = readChain(new TextDecoder().decode(content));
  const faults: ArchiveFault[] = fault
    ? [{ code: `chain-${fault.what}`, where: `${CHAIN_FILE}:${fault.line}`, detail: CHAIN_WORDS[fault.what] }]
    : [];
  for (const link of links) faults.push(...(await fileFaults(files, link)));
  faults.push(...missingDays(links));
  const names = await files.list();
  if (!fault) faults.push(...unlisted(names, links));
  const signed = await signatures(files, names, links, trusted);
  const covered = Math.max(0, ...signed.statements.map(({ sequence }) => sequence));
  return {
    faults: [...faults, ...signed.faults],
    files: links.length,
    days: daysOf(links),
    signatures: signed.statements,
    unsigned: links.filter(({ sequence }) => sequence > covered).length,
  };
}

const CHAIN_WORDS = {
  unreadable: 'the line is no link of a chain',
  altered: 'the line was altered since it was written',
  'out-of-order': 'the line does not follow on the one before: lines were dropped, added or moved',
} as const;

function nothing(fault: ArchiveFault): ArchiveReport {
  return { faults: [fault], files: 0, days: null, signatures: [], unsigned: 0 };
}

async function fileFaults(files: ArchiveFiles, link: Link): Promise<readonly ArchiveFault[]> {
  const content = await files.read(link.file);
  if (!content)
    return [{ code: 'file-missing', where: link.file, detail: 'it is in the chain and not in the archive' }];
  if (sha256(content) === link.sha256) return [];
  const where = (detail: string): ArchiveFault => ({ code: 'file-altered', where: link.file, detail });
  if (link.kind !== 'day' && link.kind !== 'amendment') return [where('its digest is not that of the chain')];
  try {
    const inside = (await checkRecord(linesIn(content))).map((fault) => where(recordWords(fault)));
    return inside.length > 0 ? inside : [where('it is a whole record, and another than was archived')];
  } catch (error) {
    if (error instanceof UnpackError) return [where('it cannot be unpacked any more')];
    throw error;
  }
}

function recordWords({ fromLine, toLine, section, what }: RecordFault): string {
  const place = `lines ${fromLine} to ${toLine}${section === null ? '' : ` (${section})`}`;
  if (what === 'altered') return `${place} are not what was written: altered, dropped, added or moved`;
  if (what === 'cut-short') return `it ends without its seal; ${place} are not vouched for`;
  return what === 'not-a-record' ? 'it holds no record' : `${place} come after the seal`;
}

const DAY_MS = 86_400_000;

/** A day that nobody archived is missing, too: a monitor that is away says so in a day without observations. */
function missingDays(links: readonly Link[]): readonly ArchiveFault[] {
  const days = links.filter(({ kind }) => kind === 'day').map(({ name }) => Date.parse(name));
  return days.flatMap((day, i) => {
    const last = days[i - 1];
    if (last === undefined || day === last + DAY_MS) return [];
    const where = new Date(last + DAY_MS).toISOString().slice(0, 10);
    const until = new Date(day).toISOString().slice(0, 10);
    return [{ code: 'day-missing' as const, where, detail: `the next day that is archived is ${until}` }];
  });
}

function unlisted(names: readonly string[], links: readonly Link[]): readonly ArchiveFault[] {
  const known = new Set([CHAIN_FILE, ...links.map(({ file }) => file)]);
  return names
    .filter((name) => !known.has(name) && !name.startsWith('signatures/'))
    .map((where) => ({ code: 'file-unlisted', where, detail: 'it is in the archive and not in the chain' }));
}

function daysOf(links: readonly Link[]): ArchiveReport['days'] {
  const days = links.filter(({ kind }) => kind === 'day').map(({ name }) => name);
  const [first] = days;
  const last = days.at(-1);
  return first === undefined || last === undefined ? null : { first, last, count: days.length };
}

async function signatures(
  files: ArchiveFiles,
  names: readonly string[],
  links: readonly Link[],
  trusted: ReadonlySet<string>,
): Promise<{ readonly statements: readonly SignedStatement[]; readonly faults: readonly ArchiveFault[] }> {
  const statements: SignedStatement[] = [];
  const faults: ArchiveFault[] = [];
  const accepted = new Set(trusted);
  for (const where of names.filter((name) => name.startsWith('signatures/'))) {
    const signed = parseSigned(new TextDecoder().decode(await files.read(where)));
    const fault = signed ? signatureFault(signed, links, accepted) : UNREADABLE;
    if (fault) faults.push({ ...fault, where });
    if (!signed || fault) continue;
    accepted.add(signed.key);
    statements.push(signed);
  }
  return { statements, faults };
}

type SignatureFault = Omit<ArchiveFault, 'where'>;

const UNREADABLE: SignatureFault = {
  code: 'signature-unreadable',
  detail: 'it holds no signed statement',
};

function signatureFault(
  signed: SignedStatement,
  links: readonly Link[],
  accepted: ReadonlySet<string>,
): SignatureFault | undefined {
  const { isGenuine, key } = checkSignature(signed);
  if (!isGenuine)
    return { code: 'signature-false', detail: 'the signature does not belong to what it stands under' };
  if (accepted.size > 0 && !accepted.has(key))
    return { code: 'signature-by-another-key', detail: `signed by key ${key}` };
  const link = links[signed.sequence - 1];
  if (link?.chain === signed.chain) return undefined;
  const detail = `at file ${signed.sequence} of the chain another digest was signed: what is there now is not what was there`;
  return { code: 'signature-of-another-chain', detail };
}
