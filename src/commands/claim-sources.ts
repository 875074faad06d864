import type { Config } from '../config/config.ts';
import { z } from 'zod';
import { archivedObservations, claimPack } from '../keeping/claim-pack.ts';
import { ClosingBook } from '../closing/closing-book.ts';
import { timelineFromMs } from '../closing/judged-timeline.ts';
import { systemClock } from '../clock.ts';
import { timelineLines } from '../keeping/closing-material.ts';
import type { Check } from '../core/check.ts';
import { checksUnder } from '../core/checks-under.ts';
import { instantJson } from '../core/verdict-json.ts';
import { signingKey } from '../evidence/signature.ts';
import type { FrozenRules } from '../casework/frozen-judging.ts';
import { frozenRules, rulesInForce } from '../casework/frozen-rules.ts';
import { coversRegion } from '../casework/judging.ts';
import { openArchive } from '../keeping/opened-archive.ts';
import type { ClaimSubject } from '../report/claim-facts.ts';
import type { KeptClosing } from '../report/report.ts';
import { WindowStoreError } from '../window/store-error.ts';
import { askVigie } from './ask-vigie.ts';
import type { OpenBooks } from './books.ts';
import { addressOf, withWindows } from './closing-lookup.ts';
import { UsageError } from './io.ts';
import { withObservations } from './observation-source.ts';

/** Where a running vigie listens; as the configuration says when absent. */
interface Asking {
  readonly url?: string;
  /** What it is shown to be let in. */
  readonly token?: string;
}

/** A claim as one zip, gathered from ledger, windows and archive; undefined when the closing has no verdict on the row. */
export async function gatheredClaim(
  kept: KeptClosing,
  subject: ClaimSubject,
  options: Asking,
  books: OpenBooks,
): Promise<Uint8Array | undefined> {
  const { config } = books;
  const { rules, rulesText, contracts } = await rulesOf(kept, books);
  const checks = checksUnder(rules.judgedBy, subject.row);
  const pem = config.evidence?.key?.reveal();
  const observations = await observationsIn(subject, checks, options, books);
  return claimPack({
    ...{ kept, subject, rulesText, contracts, observations },
    timelines: await timelinesOf(kept, checks, options, books),
    key: pem === undefined ? undefined : signingKey(pem),
  });
}

interface PackRules {
  readonly rules: FrozenRules;
  readonly rulesText: string;
  readonly contracts: readonly string[];
}

/** Those that the closing was judged by; of a provisional one those in force. */
async function rulesOf({ closing }: KeptClosing, { config, ledger }: OpenBooks): Promise<PackRules> {
  const book = new ClosingBook(ledger);
  await book.catchUp();
  const rules = await frozenRules(closing.rules.judged, book);
  const rulesText = await book.rules(closing.rules.judged);
  if (rules && rulesText !== undefined) {
    const contracts = await Promise.all(closing.rules.contracts.map((digest) => book.source(digest)));
    return { rules, rulesText, contracts: contracts.filter((text) => text !== undefined) };
  }
  const inForce = rulesInForce(config, coversRegion(config));
  if (inForce?.rules.digest !== closing.rules.judged)
    throw new UsageError(
      'the configuration is not the one that the period was judged by: nothing can be claimed by it',
    );
  const [, ...contracts] = inForce.sources;
  return { rules: inForce.rules, rulesText: inForce.text, contracts };
}

const timelinesSchema = z.object({
  timelines: z.array(z.custom<object>((value) => typeof value === 'object' && value !== null)),
});

/** How the checks were judged, within what the closing looks at. */
async function timelinesOf(
  { closing }: KeptClosing,
  checks: readonly Check[],
  { url, token }: Asking,
  { config }: OpenBooks,
): Promise<readonly string[]> {
  const ids = checks.map(({ id }) => id);
  const fromMs = timelineFromMs(Date.parse(closing.period.from));
  const toMs = Date.parse(closing.at);
  const ask = async (): Promise<readonly string[]> => {
    const lines: string[] = [];
    for (const check of ids) {
      const query = new URLSearchParams({ check, from: instantJson(fromMs), to: instantJson(toMs) });
      const path = `/api/timelines?${query.toString()}`;
      const { timelines } = await askVigie(url ?? addressOf(config), path, timelinesSchema, token);
      lines.push(...timelines.map((one) => JSON.stringify(one)));
    }
    return lines;
  };
  if (url !== undefined || config.windowUrl !== undefined) return ask();
  try {
    return await withWindows(config, async (store) => timelineLines(await store.judged(ids), fromMs, toMs));
  } catch (error) {
    if (error instanceof WindowStoreError && error.trouble === 'locked') return ask();
    throw error;
  }
}

/** From the archive as far as it reaches, which is further back; the rest from the windows. */
async function observationsIn(
  { span }: ClaimSubject,
  checks: readonly Check[],
  asking: Asking,
  { config }: OpenBooks,
): Promise<readonly string[]> {
  const toMs = Date.parse(span.to);
  const fromMs = Date.parse(span.from);
  const archived = await fromArchive(checks, fromMs, toMs, config);
  const wanted = { checks, fromMs: archived.toMs, toMs, ...asking };
  if (archived.toMs >= toMs) return archived.lines;
  const rest = await withObservations(wanted, config, (lines) => Array.fromAsync(lines));
  return [...archived.lines, ...rest];
}

async function fromArchive(checks: readonly Check[], fromMs: number, toMs: number, { evidence }: Config) {
  if (!evidence?.archive) return { lines: [], toMs: fromMs };
  const { files, close } = openArchive(evidence.archive, systemClock);
  try {
    return await archivedObservations(files, checks, fromMs, toMs);
  } finally {
    await close();
  }
}
