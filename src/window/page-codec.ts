import { isCause } from '../core/cause.ts';
import { nextBit } from './bit-scan.ts';
import { ByteReader, ByteWriter, DamagedBytes } from './bytes.ts';
import type { MarkRun } from './mark-runs.ts';
import { VantagePage, type PageShape } from './page.ts';

const VERSION = 1;
const NONE = 0;
const ALL = 1;
const RUNS = 2;
const RAW = 3;

/**
 * A page as bytes: version, the bitmaps seen, bad and excluded, then the blame. A bitmap is none, all, runs
 * (pairs of gap and length as LEB128) or raw, whichever is shortest. Causes are written out once per page, so that
 * a later list of causes reads earlier pages.
 */
export function encodePage(page: VantagePage): Uint8Array {
  const out = new ByteWriter();
  out.number(VERSION);
  for (const bits of [page.seen, page.bad, page.excluded]) writeBits(out, bits, page.shape);
  writeMarks(out, page.marks?.runs ?? []);
  return out.bytes();
}

/** The page that {@link encodePage} wrote for this layout. Throws {@link DamagedBytes} for anything else. */
export function decodePage(bytes: Uint8Array, shape: PageShape): VantagePage {
  const input = new ByteReader(bytes);
  const version = input.number();
  if (version !== VERSION) throw new DamagedBytes(`page version ${version}`);
  const page = new VantagePage(shape);
  for (const outcome of ['good', 'bad', 'excluded'] as const) {
    readBits(input, shape, (from, to) => page.fill(from, to, outcome));
  }
  readMarks(input, page);
  input.end();
  return page;
}

function writeBits(out: ByteWriter, bits: Uint8Array, { slots, none }: PageShape): void {
  // Nearly always so of two bitmaps in three: not worth looking through them.
  if (bits === none) return out.number(NONE);
  const first = nextBit(bits, 0, slots, true);
  if (first === slots) return out.number(NONE);
  if (first === 0 && nextBit(bits, 0, slots, false) === slots) return out.number(ALL);
  const runs = new ByteWriter();
  let at = 0;
  for (let from = first; from < slots && runs.length < none.length;) {
    const to = nextBit(bits, from, slots, false);
    runs.number(from - at);
    runs.number(to - from);
    at = to;
    from = nextBit(bits, to, slots, true);
  }
  if (runs.length >= none.length) {
    out.number(RAW);
    return out.raw(bits);
  }
  out.number(RUNS);
  out.number(runs.length);
  return out.raw(runs.bytes());
}

function readBits(input: ByteReader, shape: PageShape, fill: (from: number, to: number) => void): void {
  const form = input.number();
  if (form === NONE) return;
  if (form === ALL) fill(0, shape.slots);
  else if (form === RAW) fillRaw(input.raw(shape.none.length), shape.slots, fill);
  else if (form === RUNS) fillRuns(new ByteReader(input.raw(input.number())), shape.slots, fill);
  else throw new DamagedBytes(`bitmap form ${form}`);
}

function fillRaw(bits: Uint8Array, slots: number, fill: (from: number, to: number) => void): void {
  let to = 0;
  for (let from = nextBit(bits, 0, slots, true); from < slots; from = nextBit(bits, to, slots, true)) {
    to = nextBit(bits, from, slots, false);
    fill(from, to);
  }
}

function fillRuns(runs: ByteReader, slots: number, fill: (from: number, to: number) => void): void {
  for (let at = 0; !runs.done;) {
    const from = at + runs.number();
    at = from + runs.number();
    if (at > slots) throw new DamagedBytes('run past the end of its page');
    fill(from, at);
  }
}

function writeMarks(out: ByteWriter, runs: readonly MarkRun[]): void {
  const causes = [...new Set(runs.map((run) => run.cause))];
  out.number(causes.length);
  for (const cause of causes) out.text(cause);
  out.number(runs.length);
  let at = 0;
  for (const { from, to, outcome, cause } of runs) {
    out.number(from - at);
    out.number(to - from);
    out.number(causes.indexOf(cause) * 2 + (outcome === 'excluded' ? 1 : 0));
    at = to;
  }
}

function readMarks(input: ByteReader, page: VantagePage): void {
  const causes = Array.from({ length: input.number() }, () => input.text());
  let at = 0;
  for (let left = input.number(); left > 0; left--) {
    const from = at + input.number();
    at = from + input.number();
    const code = input.number();
    const cause = causes[code >> 1];
    if (at > page.shape.slots || cause === undefined || !isCause(cause)) {
      throw new DamagedBytes('mark out of its page, or of a cause unknown');
    }
    page.fill(from, at, code & 1 ? 'excluded' : 'bad', cause);
  }
}
