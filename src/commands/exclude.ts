import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { suggest } from '../config/nearest.ts';
import { exclusionTable } from '../console/exclusion-table.ts';
import { DURATION_EXPECTED, parseDuration } from '../core/duration.ts';
import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';
import { instantJson } from '../core/verdict-json.ts';
import { readExclusion } from '../casework/exclusion-request.ts';
import { type DeskAnswer, ExclusionDesk } from '../register/exclusion-desk.ts';
import { exclusionJson, type ExclusionJson } from '../register/exclusion-json.ts';
import { EXCLUSION_STATES } from '../register/exclusions.ts';
import { tellVigie } from './ask-vigie.ts';
import { type OpenBooks, withBooks, writerNamed } from './books.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat, styleOf, UsageError } from './io.ts';

interface ExcludeOptions {
  readonly config: string;
  readonly output: OutputFormat;
  /** Where the vigie listens whose books are meant; those of the configuration when absent. */
  readonly url?: string;
}

/** Options of `vigie exclude add` and `propose`: what the configuration's `exclusions` say, in words of the command line. */
export interface ExcludeAddOptions extends ExcludeOptions {
  readonly kind: string;
  readonly from?: string;
  readonly to?: string;
  readonly every?: string;
  readonly rrule?: string;
  readonly on: readonly string[];
  readonly at?: string;
  readonly for?: string;
  readonly zone?: string;
  readonly until?: string;
  readonly row: readonly string[];
  readonly scope: readonly string[];
  readonly check: readonly string[];
  readonly reason: string;
  readonly author?: string;
  readonly evidence?: string;
  /** Who or what proposes it; of `propose` alone. */
  readonly source?: string;
}

/** Options of `vigie exclude confirm` and `withdraw`. */
export interface ExcludeDecideOptions extends ExcludeOptions {
  readonly reason?: string;
  readonly author?: string;
}

/** Options of `vigie exclude list`. */
export interface ExcludeListOptions extends ExcludeOptions {
  readonly state?: string;
}

/** `vigie exclude add`: declares an exclusion, which is in force at once. */
export function excludeAdd(id: string, options: ExcludeAddOptions, io: Io): Promise<ExitCode> {
  const { url, author } = options;
  if (url !== undefined)
    return enterAt(url, '', { ...dataOf(id, options), ...(author !== undefined && { author }) }, options, io);
  return enter(id, options, io, (desk, given) => desk.declare(given, writerNamed(options.author)));
}

/** `vigie exclude propose`: notes an exclusion that someone has yet to confirm. */
export function excludePropose(id: string, options: ExcludeAddOptions, io: Io): Promise<ExitCode> {
  const by = writerNamed(options.author);
  return enter(id, options, io, (desk, given) => desk.propose(given, options.source ?? by.author, by));
}

/** `vigie exclude confirm`: puts a proposal in force. */
export function excludeConfirm(id: string, options: ExcludeDecideOptions, io: Io): Promise<ExitCode> {
  const { reason = '', author, url } = options;
  if (url !== undefined) return decideAt(url, id, 'confirm', options, io);
  return decide(id, options, io, (desk) => desk.confirm(id, reason, writerNamed(author)));
}

/** `vigie exclude withdraw`: takes an exclusion out of force, with a reason; it stays on record. */
export function excludeWithdraw(id: string, options: ExcludeDecideOptions, io: Io): Promise<ExitCode> {
  const { reason = '', author, url } = options;
  if (reason.trim() === '') throw new UsageError('--reason is empty, expected why it is withdrawn');
  if (url !== undefined) return decideAt(url, id, 'withdraw', options, io);
  return decide(id, options, io, (desk) => desk.withdraw(id, reason, writerNamed(author)));
}

/** `vigie exclude list`: all exclusions, those of the configuration first, with all that happened to them. */
export function excludeList({ state, ...options }: ExcludeListOptions, io: Io): Promise<ExitCode> {
  if (state !== undefined && !(EXCLUSION_STATES as readonly string[]).includes(state))
    throw new UsageError(
      `--state is ${state}, expected a state of exclusions${suggest(state, EXCLUSION_STATES)}`,
    );
  return withBooks(options.config, io, async (books) => {
    const all = await deskOn(books).list();
    const wanted = all.filter((one) => state === undefined || one.state === state);
    print(wanted.map(exclusionJson), options.output, io);
    return EXIT.fine;
  });
}

type Enter = (desk: ExclusionDesk, given: Parameters<ExclusionDesk['declare']>[0]) => Promise<DeskAnswer>;

function enter(id: string, options: ExcludeAddOptions, io: Io, write: Enter): Promise<ExitCode> {
  return withBooks(options.config, io, async (books) => {
    const data = { ...dataOf(id, options), author: writerNamed(options.author).author };
    const read = readExclusion(data, books.config);
    if (!read.ok) {
      for (const problem of read.problems) io.err(`vigie: ${problem}\n`);
      return EXIT.usage;
    }
    return told(await write(deskOn(books), read.given), options.output, io);
  });
}

function decide(
  id: string,
  options: ExcludeDecideOptions,
  io: Io,
  write: (desk: ExclusionDesk) => Promise<DeskAnswer>,
): Promise<ExitCode> {
  return withBooks(options.config, io, async (books) => {
    const desk = deskOn(books);
    const answer = await write(desk);
    if (answer.ok || answer.refusal !== 'unknown') return told(answer, options.output, io);
    const ids = (await desk.list()).map((one) => one.id);
    throw new UsageError(`${answer.detail}${suggest(id, ids)}`);
  });
}

/** What the table reads first; the rest follows from it, as both ends are vigie. */
const shownSchema = z.looseObject({
  id: z.string(),
  state: z.enum(EXCLUSION_STATES),
  spans: z.array(z.unknown()),
});
const enteredSchema = z.custom<ExclusionJson>((value) => shownSchema.safeParse(value).success);

/** Into the books of a vigie elsewhere, which notes by whose token; who names no author is that one. */
async function enterAt(
  url: string,
  path: '' | `/${string}`,
  said: object,
  { output }: ExcludeOptions,
  io: Io,
): Promise<ExitCode> {
  const token = io.env['VIGIE_TOKEN'];
  print([await tellVigie(url, `/api/exclusions${path}`, said, enteredSchema, token)], output, io);
  return EXIT.fine;
}

function decideAt(
  url: string,
  id: string,
  act: 'confirm' | 'withdraw',
  options: ExcludeDecideOptions,
  io: Io,
): Promise<ExitCode> {
  const { reason = '', author } = options;
  const said = { reason, ...(author !== undefined && { author }) };
  return enterAt(url, `/${encodeURIComponent(id)}/${act}`, said, options, io);
}

function deskOn({ config, ledger }: OpenBooks): ExclusionDesk {
  const { exclusions } = config;
  const nowMs = (): number => systemClock.wallMs();
  return new ExclusionDesk({ ledger, nowMs, nonce: randomUUID, configured: () => exclusions });
}

function told(answer: DeskAnswer, output: OutputFormat, io: Io): ExitCode {
  if (!answer.ok) throw new UsageError(answer.detail);
  print([exclusionJson(answer.exclusion)], output, io);
  return EXIT.fine;
}

function print(shown: readonly ExclusionJson[], output: OutputFormat, io: Io): void {
  if (output === 'json') io.out(jsonText({ exclusions: shown }));
  else io.out(`${exclusionTable(shown, styleOf(io)).join('\n')}\n`);
}

/** The shape of the configuration, without an author; what was not said is left out, so that it is told as missing. */
function dataOf(id: string, options: ExcludeAddOptions): object {
  const { kind, row, scope, check, reason, evidence } = options;
  const recurs = recurrenceData(options);
  return {
    id,
    kind,
    ...(recurs ? { recurs } : spanData(options)),
    ...(row.length > 0 && { rows: row }),
    ...(scope.length > 0 && { scopes: scope }),
    ...(check.length > 0 && { checks: check }),
    reason,
    ...(evidence !== undefined && { evidence }),
  };
}

/** A span by its ends, or by its beginning, which is now unless it is said, and its length. */
function spanData({ from, to, for: length }: ExcludeAddOptions) {
  const nowMs = systemClock.wallMs();
  const begin = from === 'now' || (from === undefined && length !== undefined) ? instantJson(nowMs) : from;
  if (length === undefined) return { from: begin, to };
  if (to !== undefined) throw new UsageError('--to and --for both say when it ends: expected one of them');
  const lengthMs = parseDuration(length);
  if (lengthMs === undefined) throw new UsageError(`--for is ${length}, expected ${DURATION_EXPECTED}`);
  const fromMs = parseInstant(begin ?? '');
  if (fromMs === undefined) throw new UsageError(`--from is ${begin}, expected ${INSTANT_EXPECTED}, or now`);
  return { from: begin, to: instantJson(fromMs + lengthMs) };
}

function recurrenceData({ every, rrule, on, at, for: length, zone, from, until, to }: ExcludeAddOptions) {
  if (every === undefined && rrule === undefined) return undefined;
  if (to !== undefined) throw new UsageError('--to ends a single span; what comes back ends with --until');
  const timing = { at, for: length, zone, from };
  if (rrule !== undefined) return { rrule, ...timing };
  const days = on.map((word) => (/^-?\d+$/.test(word) ? Number(word) : word));
  return { every, ...(days.length > 0 && { on: days }), ...timing, until };
}
