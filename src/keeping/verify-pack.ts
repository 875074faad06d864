import { declaredOf } from '../closing/closed-exclusions.ts';
import { digestOfText } from '../closing/digest.ts';
import { timelineDigest } from '../closing/judged-timeline.ts';
import { periodNamed } from '../contract/periods.ts';
import { checksUnder } from '../core/checks-under.ts';
import { textSignedBy } from '../evidence/signature.ts';
import { firstDifference } from '../casework/first-difference.ts';
import { type FrozenRules, judgeFrozen } from '../casework/frozen-judging.ts';
import { frozenRules } from '../casework/frozen-rules.ts';
import { type ClaimFault, observedFaults, packGiven, type PackGiven, parsed } from './pack-given.ts';
import { claimFiles, contractFile, GIVEN_FILES } from '../report/claim-files.ts';
import type { ClaimSubject } from '../report/claim-facts.ts';
import { checkManifest, MANIFEST_FILE, SIGNATURE_FILE } from '../report/pack.ts';

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
  const given = packGiven(texts);
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
function derivedFaults(given: PackGiven, texts: ReadonlyMap<string, string>): readonly ClaimFault[] {
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
  { closing }: PackGiven,
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
  { subject, closing, timelines }: PackGiven,
  rules: FrozenRules,
  breathe: () => Promise<void>,
): Promise<Judged> {
  const checks = checksUnder(rules.judgedBy, subject.row).map(({ id }) => id);
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
