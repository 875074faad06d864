import type { ProbeContext } from '../../src/core/probe.ts';
import { printable } from '../wire/printable.ts';
import type { HttpExchange } from './http-exchange.ts';
import { HEADER_VALUE } from './http-request.ts';

/** What the metadata service tells of a machine, by the path that it is told at. */
export const METADATA_PATHS = {
  instanceId: 'instance-id',
  availabilityZone: 'placement/availability-zone',
  server: 'placement/server',
  cluster: 'placement/cluster',
} as const;

/** One thing that the service tells. */
export type MetadataItem = keyof typeof METADATA_PATHS;

/** The phases of a walk: the longest of each that its connections took, and each request to its last byte. */
export const METADATA_PHASES = [
  'resolve',
  'connect',
  'token',
  'instanceId',
  'availabilityZone',
  'server',
  'cluster',
] as const;

/** A request of a walk. */
export interface MetadataRequest {
  readonly method: 'GET' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends a request and reads its answer. */
export type MetadataSend = (request: MetadataRequest) => Promise<HttpExchange>;

/** What is read, and where. */
export interface MetadataPlan {
  /** With a slash at its end. */
  readonly base: string;
  readonly items: readonly MetadataItem[];
  readonly token: boolean;
}

/** One request of a walk and what came of it. */
export interface MetadataStep {
  readonly name: MetadataItem | 'token';
  readonly request: MetadataRequest;
  readonly exchange: HttpExchange;
  /** What was told, on one line and without the token; undefined when nothing was. */
  readonly text: string | undefined;
  /** Whether a healthy service may answer so: a thing of the placement may be missing, the rest may not. */
  readonly healthy: boolean;
}

/** A walk that is over, at its end or where it could not go on. Without any step there was no time for one. */
export interface MetadataWalk {
  readonly steps: readonly MetadataStep[];
  /** From the first connection begun to the last byte of all. */
  readonly latencyMs: number;
}

/**
 * Fetches a session token where one is wanted, and then asks for all things at once, each on a connection of its own:
 * a service that is slow is so once, not once for each.
 */
export async function walkMetadata(
  plan: MetadataPlan,
  send: MetadataSend,
  { signal, clock }: ProbeContext,
): Promise<MetadataWalk> {
  const startedMs = clock.monotonicMs();
  const steps: MetadataStep[] = [];
  if (plan.token && !signal.aborted) steps.push(await fetchToken(plan, send));
  if (!signal.aborted && steps.every(({ healthy }) => healthy)) {
    const token = steps[0]?.text;
    steps.push(...(await Promise.all(plan.items.map((item) => fetchItem(plan, item, token, send)))));
  }
  return { steps, latencyMs: clock.monotonicMs() - startedMs };
}

const TOKEN_PATH = '/latest/api/token';
const TOKEN_SECONDS = '60';
const OK = 200;
const NOT_FOUND = 404;

async function fetchToken({ base }: MetadataPlan, send: MetadataSend): Promise<MetadataStep> {
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS };
  const request = { method: 'PUT', url: new URL(TOKEN_PATH, base).href, headers } as const;
  const exchange = await send(request);
  const text = textOf(exchange);
  return { name: 'token', request, exchange, text, healthy: text !== undefined && HEADER_VALUE.test(text) };
}

async function fetchItem(
  { base }: MetadataPlan,
  name: MetadataItem,
  token: string | undefined,
  send: MetadataSend,
): Promise<MetadataStep> {
  const headers = token === undefined ? {} : { 'x-aws-ec2-metadata-token': token };
  const request = { method: 'GET', url: base + METADATA_PATHS[name], headers } as const;
  const exchange = await send(request);
  const status = statusOf(exchange);
  const text = textOf(exchange);
  return {
    name,
    request,
    exchange,
    text: token === undefined ? text : text?.replaceAll(token, '[secret]'),
    healthy: status === OK || (status === NOT_FOUND && name !== 'instanceId'),
  };
}

/** The status of the answer; undefined when there was none. */
export function statusOf({ end }: HttpExchange): number | undefined {
  return end.kind === 'answered' ? end.response.status : undefined;
}

const LONGEST_TEXT = 255;

function textOf({ end }: HttpExchange): string | undefined {
  if (end.kind !== 'answered' || end.response.status !== OK) return undefined;
  return printable(end.response.body.toString('utf8').trim()).slice(0, LONGEST_TEXT) || undefined;
}
