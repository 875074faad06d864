import { isIP } from 'node:net';
import { peerList, PEER_EXPECTED } from '../../probes/lib/peer-list.ts';
import { STAMP_PORT } from '../../probes/wire/stamp.ts';
import { systemClock } from '../clock.ts';
import { readTextFile } from '../config/local-files.ts';
import { startReflector, type Reflector, type ReflectorOptions } from '../reflect/reflector.ts';
import { EXIT, type ExitCode, type Io, jsonText, UsageError } from './io.ts';

/** Options of `vigie reflect`. */
export interface ReflectOptions {
  /** `HOST:PORT` or `HOST`; an IPv6 address in brackets. */
  readonly listen: string;
  readonly peer: readonly string[];
  readonly keyFile?: string;
  readonly stateful?: boolean;
  /** Replies a second to one address. */
  readonly rate: number;
}

const SHORTEST_KEY_BYTES = 16;

/**
 * `vigie reflect`: the other end of `latency` checks. Answers test packets of known peers until it is stopped, says so
 * on standard error when it listens, and prints at the end what it answered and what it did not.
 */
export async function reflect(options: ReflectOptions, io: Io): Promise<ExitCode> {
  const { host, port } = readEndpoint(options.listen);
  const reflector = await listen({
    host,
    port,
    clock: systemClock,
    peers: readPeers(options.peer),
    key: options.keyFile === undefined ? undefined : readKey(options.keyFile),
    mode: options.stateful === true ? 'stateful' : 'stateless',
    perSecond: readRate(options.rate),
  });
  io.err(`vigie: reflecting on ${isIP(host) === 6 ? `[${host}]` : host}:${reflector.port}\n`);
  await stopped(io.stopped);
  await reflector.close();
  io.out(jsonText(reflector.counts()));
  return EXIT.fine;
}

const ENDPOINT = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;

function readEndpoint(text: string): { readonly host: string; readonly port: number } {
  const found = ENDPOINT.exec(text)?.groups;
  const { v6, v4, port } = found ?? {};
  const host = v6 ?? v4 ?? '';
  const isAddress = v6 === undefined ? isIP(host) === 4 : isIP(host) === 6;
  const number = port === undefined ? STAMP_PORT : Number(port);
  if (isAddress && number <= 65_535) return { host, port: number };
  throw new UsageError(
    `--listen is "${text}", expected an address of this machine and a port, like 10.0.1.10:862 or [::]:862`,
  );
}

function readPeers(texts: readonly string[]) {
  const { known, wrong } = peerList(texts);
  if (texts.length === 0) throw new UsageError(`expected --peer: ${PEER_EXPECTED}; nobody else is answered`);
  if (wrong.length > 0) throw new UsageError(`--peer is "${wrong.join('", "')}", expected ${PEER_EXPECTED}`);
  return known;
}

function readRate(rate: number): number {
  if (rate >= 1) return rate;
  throw new UsageError(`--rate is ${rate}, expected 1 or more replies a second`);
}

/** As for secrets of a configuration, the line break that ends the file is not part of the key. */
function readKey(file: string): Uint8Array {
  const key = Buffer.from(textOf(file).replace(/\r?\n$/, ''));
  if (key.length >= SHORTEST_KEY_BYTES) return key;
  throw new UsageError(
    `--key-file ${file} holds ${key.length} bytes, expected ${SHORTEST_KEY_BYTES} or more`,
  );
}

function textOf(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    throw new UsageError(`--key-file ${file} cannot be read (${codeOf(error)})`);
  }
}

async function listen(options: ReflectorOptions): Promise<Reflector> {
  try {
    return await startReflector(options);
  } catch (error) {
    throw new UsageError(`cannot listen on ${options.host}, port ${options.port} (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
