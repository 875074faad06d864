import { z } from 'zod';
import { sha256 } from './digest.ts';

/** The file of an archive that lists all others, in the order in which they were added. */
export const CHAIN_FILE = 'chain.jsonl';

/** The digest that the first link follows on. */
export const CHAIN_BEGINNING = sha256('vigie archive');

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

const linkSchema = z.strictObject({
  sequence: z.int().min(1),
  /** `day`, a later `amendment` of one, lines of a `ledger`, a closed period, or the rules that were in force. */
  kind: z.enum(['day', 'amendment', 'ledger', 'closing', 'rules']),
  /** The day, the ledger, the period, or the digest of the rules. */
  name: z.string(),
  file: z.string(),
  sha256: digestSchema,
  bytes: z.int().min(0),
  /** Digest of what was seen, without the rest of a day; to notice late data by. */
  seen: digestSchema.optional(),
  previous: digestSchema,
  chain: digestSchema,
});

/** One file of an archive, linked to all that were added before it. */
export type Link = z.output<typeof linkSchema>;

/** A link before it is linked. */
export type NewLink = Omit<Link, 'sequence' | 'previous' | 'chain'>;

/** The link that follows on these. */
export function linkAfter(links: readonly Link[], added: NewLink): Link {
  const last = links.at(-1);
  const sequence = (last?.sequence ?? 0) + 1;
  const previous = last?.chain ?? CHAIN_BEGINNING;
  const { kind, name, file, sha256: content, bytes, seen } = added;
  const body = { sequence, kind, name, file, sha256: content, bytes, ...(seen && { seen }), previous };
  return { ...body, chain: sha256(JSON.stringify(body)) };
}

/** A link as a line of the chain's file. */
export function linkLine(link: Link): string {
  return JSON.stringify(link);
}

/** What is wrong at a line of the chain's file. */
export interface ChainFault {
  readonly line: number;
  readonly what: 'unreadable' | 'altered' | 'out-of-order';
}

/** The links of a chain's file, up to the first that is not as it was written. */
export function readChain(text: string): { readonly links: readonly Link[]; readonly fault?: ChainFault } {
  const links: Link[] = [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const [i, line] of lines.entries()) {
    const link = parsed(line);
    if (!link) return { links, fault: { line: i + 1, what: 'unreadable' } };
    const expected = linkAfter(links, link);
    if (link.sequence !== expected.sequence || link.previous !== expected.previous)
      return { links, fault: { line: i + 1, what: 'out-of-order' } };
    if (link.chain !== expected.chain || line !== linkLine(expected))
      return { links, fault: { line: i + 1, what: 'altered' } };
    links.push(link);
  }
  return { links };
}

function parsed(line: string): Link | undefined {
  try {
    return linkSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
