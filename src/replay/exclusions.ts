import type { Config } from '../config/config.ts';
import { parseSource } from '../config/document.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import { type ExclusionLine, parseExclusionLine, type ToldState } from './exclusion-line.ts';
import { type Fields, LineError, parseObject, shown } from './line-fields.ts';
import { ReplayError } from './read-lines.ts';

/** Exclusions that are to be judged by, beside those of the configuration. */
export interface ExclusionsRequest {
  readonly config: Config;
  /** The lines of an exclusion file, without their line ends. */
  readonly lines: AsyncIterable<string>;
  /** The instant to judge at: what was entered at or after it, by its own `at`, was not known yet. */
  readonly atMs: number;
}

/**
 * What is in force by the configuration and by an exclusion file: JSON Lines in the order in which things were said, or
 * the one document that `vigie exclude list --output json` prints. A line that is there twice counts once; what the list
 * shows of the configuration is left to the configuration. Throws {@link ReplayError} for a line that cannot be understood,
 * or be true.
 */
export async function replayExclusions(request: ExclusionsRequest): Promise<readonly DeclaredExclusion[]> {
  const { config, atMs } = request;
  const told = new Map<string, Told>();
  const said = new Set<string>();
  for (const { line, fields } of await membersOf(request.lines)) {
    const text = JSON.stringify(fields);
    if (said.has(text)) continue;
    said.add(text);
    try {
      take(told, parseExclusionLine(fields, config), line, request);
    } catch (error) {
      if (error instanceof LineError) throw new ReplayError(line, error.message);
      throw error;
    }
  }
  const inForce = [...told.values()].filter(
    ({ state, sinceMs }) => state === 'in-force' && (sinceMs === null || sinceMs < atMs),
  );
  return [...config.exclusions, ...inForce.flatMap(({ declared }) => declared)];
}

/** An exclusion of the file as far as it was told. */
interface Told {
  readonly line: number;
  readonly state: ToldState;
  /** When it came to be so; null where that is not told. */
  readonly sinceMs: number | null;
  readonly declared: readonly DeclaredExclusion[];
}

function take(told: Map<string, Told>, said: ExclusionLine, line: number, request: ExclusionsRequest): void {
  const { id, atMs } = said;
  const known = told.get(id);
  if (said.says === 'opened') {
    const isConfigured = request.config.exclusions.some((one) => one.id === id);
    if (isConfigured && said.source === 'configuration') return;
    if (known || isConfigured) throw taken(id, known?.line);
    told.set(id, { line, state: said.state, sinceMs: atMs, declared: said.declared });
    return;
  }
  if (!known) throw new LineError(`"id" is ${shown(id)}, expected an exclusion of a line before this`);
  assertPossible(said, known);
  if (said.atMs >= request.atMs) return;
  const state = said.says === 'confirmed' ? 'in-force' : 'withdrawn';
  told.set(id, { ...known, line, state, sinceMs: atMs });
}

function taken(id: string, line: number | undefined): LineError {
  const by = line === undefined ? 'one of the configuration' : `that of line ${line}`;
  return new LineError(`"id" is ${shown(id)}, as ${by} is; expected an id of its own`);
}

/** Throws {@link LineError} for a decision that cannot follow on what is known. */
function assertPossible(said: Exclude<ExclusionLine, { says: 'opened' }>, known: Told): void {
  const about = `exclusion ${shown(said.id)}: "${said.says}" at ${new Date(said.atMs).toISOString()}, but it`;
  if (known.state === 'withdrawn') throw new LineError(`${about} was withdrawn on line ${known.line}`);
  if (said.says === 'confirmed' && known.state === 'in-force')
    throw new LineError(`${about} is in force since line ${known.line}: there is nothing to confirm`);
  if (known.sinceMs !== null && said.atMs < known.sinceMs)
    throw new LineError(`${about} was not there before ${new Date(known.sinceMs).toISOString()}`);
}

interface Member {
  readonly line: number;
  readonly fields: Fields;
}

/** The members of a file, each with the line that it begins on. */
async function membersOf(lines: AsyncIterable<string>): Promise<readonly Member[]> {
  const texts = await Array.fromAsync(lines);
  const listed = listedIn(texts.join('\n'));
  if (listed) return listed;
  return texts.flatMap((text, index): readonly Member[] => {
    if (text.trim() === '') return [];
    try {
      return [{ line: index + 1, fields: parseObject(text) }];
    } catch (error) {
      if (error instanceof LineError) throw new ReplayError(index + 1, error.message);
      throw error;
    }
  });
}

/** The members of the one document that lists exclusions; undefined when the text is none. */
function listedIn(text: string): readonly Member[] | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof data !== 'object' || data === null || !('exclusions' in data)) return undefined;
  const { exclusions } = data;
  // JSON is YAML, whose reader knows the places.
  const { document } = parseSource('', text);
  const lineOf = (...path: readonly (string | number)[]): number =>
    document?.placeOf(['exclusions', ...path], 'value').line ?? 1;
  if (!Array.isArray(exclusions))
    throw new ReplayError(lineOf(), `"exclusions" is ${shown(exclusions)}, expected a list`);
  return exclusions.map((each: unknown, index): Member => {
    const line = lineOf(index);
    if (typeof each !== 'object' || each === null || Array.isArray(each))
      throw new ReplayError(line, `exclusions[${index}] is ${shown(each)}, expected an exclusion`);
    return { line, fields: { ...each } };
  });
}
