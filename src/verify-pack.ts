import { z } from 'zod';
import { checksUnder } from './claim-pack.ts';
import { declaredOf } from './closing/closed-exclusions.ts';
import { parseClosing } from './closing/closing-book.ts';
import { digestOfText } from './closing/digest.ts';
import { parseTransition, timelineDigest } from './closing/judged-timeline.ts';
import { periodNamed } from './contract/periods.ts';
import type { ClosedPeriod } from './core/closed-period.ts';
import type { Transition } from './core/timeline.ts';
import { textSignedBy } from './evidence/signature.ts';
import { firstDifference } from './first-difference.ts';
import { type FrozenRules, judgeFrozen } from './frozen-judging.ts';
import { frozenRules } from './frozen-rules.ts';
import { unlikeAt } from './observed-timelines.ts';
import { claimFiles, contractFile, GIVEN_FILES } from './report/claim-files.ts';
import type { ClaimSubject } from './report/claim-facts.ts';
import { checkManifest, MANIFEST_FILE, SIGNATURE_FILE } from './report/pack.ts';
import { parseObservationLine } from './replay/observation-line.ts';
import { LineError } from './replay/line-fields.ts';

const DAY_MS = 86_400_000;

/** What of a pack is not as it was packed, or does not follow from the rest of it. */
export interface ClaimFault {
  readonly code: string;
  readonly where: string;
  readonly detail: string;
}

/** What a verification of a pack found. */
export interface ClaimReport {
  readonly faults: readonly ClaimFault[];
  readonly files: number;
  /** The name of the key that signed the list; null when nobody did. */
  readonly signedBy: string | null;
  readonly subject: ClaimSubject | null;
  /** What could not be shown, and why that is no fault. */
  readonly notes: readonly string[];
}

/**
 * Whether a claim pack is as it was packed, and whether all of it follows from what is given in it: the texts and tables
 * from the closing and the observations, the figures from the timelines and rules, the timelines from the observations.
 * `trusted`: the names of the keys that may have signed it; any when empty.
 */
export async function verifyPack(
  files: ReadonlyMap<string, Uint8Array>,
  trusted: ReadonlySet<string>,
  breathe: () => Promise<void>,
): Promise<ClaimReport> {
  const texts = new Map([...files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
  const signedBy = signerOf(files, texts);
  const faults: ClaimFault[] = [...checkManifest(files), ...signatureFaults(texts, signedBy, trusted)];
  const given = givenOf(texts);
  const report = { files: files.size, signedBy: signedBy ?? null, subject: given?.subject ?? null };
  if (!given) {
    const detail = 'what everything else follows from is not there, or cannot be understood';
    return {
      ...report,
      faults: [...faults, { code: 'pack-unreadable', where: 'claim.json', detail }],
      notes: [],
    };
  }
  faults.push(...derivedFaults(given, texts));
  const rules = await rulesIn(given, texts);
  if (!rules) {
    const detail = 'they are not those that the closing names';
    return {
      ...report,
      faults: [...faults, { code: 'rules-differ', where: 'rules.json', detail }],
      notes: [],
    };
  }
  const judged = await judgedFaults(given, rules, breathe);
  faults.push(...judged.faults, ...(await observedFaults(given, rules)));
  return { ...report, faults, notes: judged.notes };
}

interface Given {
  readonly subject: ClaimSubject;
  readonly closing: ClosedPeriod;
  readonly text: string;
  readonly observations: readonly string[];
  readonly timelineLines: readonly string[];
  readonly timelines: ReadonlyMap<string, readonly Transition[]>;
}

const subjectSchema = z.strictObject({
  row: z.string(),
  span: z.strictObject({ name: z.string(), from: z.iso.datetime(), to: z.iso.datetime() }),
});

function givenOf(texts: ReadonlyMap<string, string>): Given | undefined {
  const subject = subjectSchema.safeParse(parsed(texts.get(GIVEN_FILES.subject))).data;
  const text = (texts.get(GIVEN_FILES.closing) ?? '').replace(/\n$/, '');
  const closing = parseClosing(text);
  if (!subject || !closing) return undefined;
  const timelineLines = linesOf(texts.get(GIVEN_FILES.timelines));
  const timelines = new Map<string, Transition[]>();
  for (const read of timelineLines.map((line) => parseTransition(parsed(line)))) {
    if (!read) return undefined;
    const timeline = timelines.get(read.check) ?? [];
    timeline.push(read.transition);
    timelines.set(read.check, timeline);
  }
  const observations = linesOf(texts.get(GIVEN_FILES.observations));
  return { subject, closing, text, observations, timelineLines, timelines };
}

function linesOf(text = ''): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function parsed(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function signerOf(
  files: ReadonlyMap<string, Uint8Array>,
  texts: ReadonlyMap<string, string>,
): string | undefined {
  const manifest = files.get(MANIFEST_FILE);
  return manifest && textSignedBy(manifest, parsed(texts.get(SIGNATURE_FILE)));
}

function signatureFaults(
  texts: ReadonlyMap<string, string>,
  signedBy: string | undefined,
  trusted: ReadonlySet<string>,
): readonly ClaimFault[] {
  const where = SIGNATURE_FILE;
  if (!texts.has(where))
    return trusted.size === 0 ? [] : [{ code: 'signature-missing', where, detail: 'nobody signed the list' }];
  if (signedBy === undefined)
    return [{ code: 'signature-false', where, detail: 'the signature does not belong to the list' }];
  if (trusted.size === 0 || trusted.has(signedBy)) return [];
  return [{ code: 'signature-by-another-key', where, detail: `signed by key ${signedBy}` }];
}

/** Texts and tables that are not what the closing and the observations make. */
function derivedFaults(given: Given, texts: ReadonlyMap<string, string>): readonly ClaimFault[] {
  const { subject, closing, text, observations, timelineLines } = given;
  const contracts = closing.rules.contracts.map((_, i) => texts.get(contractFile(i)) ?? '');
  const rules = texts.get(GIVEN_FILES.rules) ?? '';
  let made: ReadonlyMap<string, string> | undefined;
  try {
    made = claimFiles({
      ...{ subject, closing, text, observations, rules, contracts },
      timelines: timelineLines,
    });
  } catch {
    return [
      {
        code: 'observations-unreadable',
        where: GIVEN_FILES.observations,
        detail: 'a line is no observation',
      },
    ];
  }
  return [...(made ?? [])]
    .filter(([name, content]) => texts.get(name) !== content)
    .map(([where]) => ({
      code: 'not-derived',
      where,
      detail: 'it is not what the closing and the observations of this pack make',
    }));
}

async function rulesIn(
  { closing }: Given,
  texts: ReadonlyMap<string, string>,
): Promise<FrozenRules | undefined> {
  const all = [...texts.values()];
  const find = (digest: string): Promise<string | undefined> =>
    Promise.resolve(all.find((text) => digestOfText(text) === digest));
  return frozenRules(closing.rules.judged, { rules: find, source: find });
}

interface Judged {
  readonly faults: readonly ClaimFault[];
  readonly notes: readonly string[];
}

/** Whether the verdicts on the row follow from timelines, exclusions and rules. */
async function judgedFaults(
  { subject, closing, timelines }: Given,
  rules: FrozenRules,
  breathe: () => Promise<void>,
): Promise<Judged> {
  const checks = checksUnder(rules, subject.row).map(({ id }) => id);
  const differing = checks.filter(
    (check) =>
      closing.inputs.checks[check] !== undefined &&
      timelineDigest(check, timelines.get(check) ?? []) !== closing.inputs.checks[check],
  );
  if (closing.number === null)
    return {
      faults: [],
      notes: ['the period is not closed: its figures are provisional and not judged anew'],
    };
  if (differing.length > 0) {
    const detail = `the closing was judged from other timelines of ${differing.join(', ')}`;
    return { faults: [{ code: 'inputs-differ', where: GIVEN_FILES.timelines, detail }], notes: [] };
  }
  const named = periodNamed(rules.contract, closing.period.name);
  if (!named) return { faults: [], notes: [] };
  const exclusions = declaredOf(closing.exclusions);
  const atMs = Date.parse(closing.at);
  const again = await judgeFrozen({ rules, named, timelines, exclusions, atMs, breathe });
  const faults = closing.verdicts
    .filter(({ row }) => row === subject.row)
    .flatMap((verdict): readonly ClaimFault[] => {
      const { scope, reading, period } = verdict;
      const own = again.find(
        (one) =>
          one.verdict.row === subject.row &&
          one.verdict.scope === scope &&
          one.verdict.reading === reading &&
          one.verdict.period.name === period.name,
      );
      const difference = firstDifference(verdict, own && parsed(JSON.stringify(own.verdict)));
      if (!difference) return [];
      const { path, was, is } = difference;
      const detail = `${subject.row} of ${scope}, read as by ${reading}: ${path} is ${was}; judged anew, ${is}`;
      return [{ code: 'figures-differ', where: GIVEN_FILES.closing, detail }];
    });
  return { faults, notes: [] };
}

/** Whether the timelines follow from the observations, on the days that the pack holds whole. */
async function observedFaults(
  { subject, observations, timelines }: Given,
  rules: FrozenRules,
): Promise<readonly ClaimFault[]> {
  const checks = new Map(checksUnder(rules, subject.row).map((check) => [check.id, check]));
  const lines = observations.flatMap((text) => {
    try {
      return [parseObservationLine(text, checks)];
    } catch (error) {
      // Of a vantage or a check that the rules no longer have: it is not judged by.
      if (error instanceof LineError) return [];
      throw error;
    }
  });
  const faults: ClaimFault[] = [];
  for (const [id, own] of Map.groupBy(lines, ({ check }) => check.id)) {
    const check = checks.get(id);
    const days = Map.groupBy(own, ({ fromSlot }) =>
      Math.floor((fromSlot * (check?.intervalMs ?? 1)) / DAY_MS),
    );
    const whole = [...days].sort(([a], [b]) => a - b).slice(1, -1);
    for (const [day, seen] of whole) {
      const atMs = check && (await unlikeAt(seen, timelines.get(id) ?? [], [check], day * DAY_MS));
      if (atMs === undefined) continue;
      const detail = `${id} at ${new Date(atMs).toISOString()} was judged otherwise than the observations say`;
      faults.push({ code: 'judged-otherwise', where: GIVEN_FILES.observations, detail });
    }
  }
  return faults;
}
