import { BLOCK_BYTES } from './disk-messages.ts';
import type { DiskPlace } from './disk-messages.ts';

const TITLE = 'vigie probe: everything in this span is overwritten at random.';

/** What the first block of a span of ours holds: whose it is, and how large, in text that anyone can read. */
export function encodeMark({ owner, offsetBytes, sizeBytes }: DiskPlace): Buffer {
  const text = `${TITLE}\nowner ${owner}\noffset ${offsetBytes}\nbytes ${sizeBytes}\n`;
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(text, 'latin1');
  return block;
}

/** Whether the first block of a span is blank, the mark of this very place, another of our marks, or none of ours. */
export function readMark(
  block: Buffer,
  place: DiskPlace,
): 'blank' | 'ours' | 'other-owner' | 'wrong-size' | 'not-ours' {
  if (block.length < BLOCK_BYTES) return 'not-ours';
  if (block.every((byte) => byte === 0)) return 'blank';
  if (block.equals(encodeMark(place))) return 'ours';
  const [title, owner] = block.toString('latin1').split('\n');
  if (title !== TITLE) return 'not-ours';
  return owner === `owner ${place.owner}` ? 'wrong-size' : 'other-owner';
}
