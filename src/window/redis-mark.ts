import { isCause } from '../core/cause.ts';
import type { Evidence } from '../core/reading.ts';
import { asList, damaged } from './redis-reply.ts';
import type { Mark } from './store.ts';

/** What a mark says of its slot. @throws {WindowStoreError} `corrupt` */
export function outcomeOfMark(text: string): Mark['outcome'] {
  if (text.startsWith('b|')) return 'bad';
  if (text.startsWith('x|')) return 'excluded';
  throw damaged('a mark');
}

/** A mark without its place, as observe.lua keeps it. @throws {WindowStoreError} `corrupt` */
export function parseMark(text: string): Omit<Mark, 'vantage' | 'slot'> {
  const [letter, cause] = text.split('|', 2);
  if (letter === undefined || cause === undefined || !isCause(cause)) throw damaged('a mark');
  const evidence = text.slice(letter.length + cause.length + 2);
  return {
    outcome: outcomeOfMark(text),
    cause,
    ...(evidence === '' ? {} : { evidence: parseEvidence(evidence) }),
  };
}

function parseEvidence(text: string): Evidence {
  const entries = asList(parsed(text));
  return Object.fromEntries(
    entries.map((entry: unknown): readonly [string, string | number] => {
      const [name, fact] = asList(entry);
      if (typeof name !== 'string' || (typeof fact !== 'string' && typeof fact !== 'number')) {
        throw damaged('evidence');
      }
      return [name, fact];
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged('evidence');
  }
}
