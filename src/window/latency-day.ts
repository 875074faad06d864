import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, ByteWriter, DamagedBytes } from './bytes.ts';
import { LatencySketch } from './latency-sketch.ts';

const VERSION = 1;
/** Said after the version. */
const [PLAIN, DEFLATED] = [0, 1];
const HEADER_BYTES = 2;
const HOURS_A_DAY = 24;
/** A day of hours with every bucket full. */
const LARGEST_BYTES = 200_000;

/** The hours of a UTC day, 0 to 23, each as an encoded {@link LatencySketch}; one without latencies is missing. */
export type LatencyHours = ReadonlyMap<number, Uint8Array>;

/** A day as it is stored. One that goes on is written often: it is deflated only once it is over. */
export function encodeLatencyDay(hours: LatencyHours, isOver: boolean): Uint8Array {
  const written = new ByteWriter();
  for (const hour of [...hours.keys()].sort((a, b) => a - b)) {
    const sketch = hours.get(hour);
    if (!sketch) continue;
    written.number(hour);
    written.number(sketch.length);
    written.raw(sketch);
  }
  const body = isOver ? deflateRawSync(written.bytes()) : written.bytes();
  return Buffer.concat([Uint8Array.of(VERSION, isOver ? DEFLATED : PLAIN), body]);
}

/** A stored day. @throws {DamagedBytes} when it cannot be what {@link encodeLatencyDay} made, or a newer vigie wrote it. */
export function decodeLatencyDay(stored: Uint8Array): Map<number, Uint8Array> {
  if (stored[0] !== VERSION) throw new DamagedBytes(`latencies of version ${stored[0]}`);
  const body = stored.subarray(HEADER_BYTES);
  const read = new ByteReader(stored[1] === DEFLATED ? inflated(body) : body);
  const hours = new Map<number, Uint8Array>();
  while (!read.done) {
    const hour = read.number();
    if (hours.has(hour) || hour >= HOURS_A_DAY) throw new DamagedBytes(`latencies of hour ${hour}`);
    hours.set(hour, read.raw(read.number()));
  }
  return hours;
}

/**
 * The fuller of two records of the same day, hour by hour: of those who wrote one after the other, the later one has taken
 * in what was there. @throws {DamagedBytes} when either cannot be read.
 */
export function fullerLatencyDay(one: Uint8Array, other: Uint8Array): Uint8Array {
  const hours = decodeLatencyDay(one);
  for (const [hour, sketch] of decodeLatencyDay(other))
    if (countOf(sketch) > countOf(hours.get(hour))) hours.set(hour, sketch);
  return encodeLatencyDay(hours, true);
}

function countOf(encoded: Uint8Array | undefined): number {
  const sketch = new LatencySketch();
  if (encoded) sketch.absorb(encoded);
  return sketch.count;
}

function inflated(bytes: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: LARGEST_BYTES });
  } catch (cause) {
    throw new DamagedBytes('latencies cannot be inflated', { cause });
  }
}
