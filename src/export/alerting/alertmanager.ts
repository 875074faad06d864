import { Agent, errors, request } from 'undici';
import type { Clock } from '../../core/clock.ts';
import type { Secret } from '../../core/secret.ts';
import type { Annotations } from './alert-texts.ts';

/** How one Alertmanager is spoken to. */
export interface AlertmanagerAddress {
  /** Without user, password and a slash at its end. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** A bearer token. */
  readonly token?: Secret | undefined;
  readonly tls?:
    | {
        readonly ca?: string | Secret | undefined;
        readonly verify: boolean;
        readonly serverName?: string | undefined;
      }
    | undefined;
}

/** An alert as Alertmanager's API v2 takes it (postableAlert). One whose end is past is resolved. */
export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Annotations;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** What became of one request; a closed set, and a label of metrics. */
export const PUSH_RESULTS = ['accepted', 'refused', 'failed', 'timeout', 'unreachable'] as const;
/**
 * `refused`: it said that the request is wrong (4xx), or sent us elsewhere. `failed`: it could not (5xx). `timeout`: no
 * answer in time. `unreachable`: no connection, or none that lasted.
 */
export type PushResult = (typeof PUSH_RESULTS)[number];

/** What became of one request, and what is known of it: the status, or the code of an error. Never a secret. */
export interface PushOutcome {
  readonly result: PushResult;
  readonly code: string;
}

/** One Alertmanager. */
export interface Alertmanager {
  /** `host:port`, for metrics and the log. */
  readonly name: string;
  /** Posts alerts, in as many requests as their number takes, until one is not accepted. Never rejects. */
  post(alerts: readonly PostableAlert[]): Promise<readonly PushOutcome[]>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** When a request is given up. */
export const PUSH_DEADLINE_MS = 10_000;
/** So many alerts go into one request, a few hundred kilobytes at the most. */
const ALERTS_A_REQUEST = 100;
/** Of an answer, which says nothing that is needed, no more than this is read before the connection is closed. */
const LARGEST_ANSWER_BYTES = 16_384;

/** An Alertmanager at an address. Connections are kept and made anew as needed; redirections are not followed. */
export function createAlertmanager(address: AlertmanagerAddress, clock: Clock): Alertmanager {
  const { url, tls } = address;
  const stopping = new AbortController();
  const agent = new Agent({
    connect: connectOptions(tls),
    connections: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const headers = { 'content-type': 'application/json', ...authorization(address) };

  async function postSome(alerts: readonly PostableAlert[]): Promise<PushOutcome> {
    const deadline = new AbortController();
    const cancel = clock.after(PUSH_DEADLINE_MS, () => deadline.abort());
    const signal = AbortSignal.any([deadline.signal, stopping.signal]);
    try {
      const body = JSON.stringify(alerts);
      const answer = await request(`${url}/api/v2/alerts`, {
        method: 'POST',
        dispatcher: agent,
        signal,
        headers,
        body,
      });
      await answer.body.dump({ limit: LARGEST_ANSWER_BYTES, signal });
      return { result: resultOf(answer.statusCode), code: String(answer.statusCode) };
    } catch (error) {
      return deadline.signal.aborted
        ? { result: 'timeout', code: 'deadline' }
        : { result: 'unreachable', code: codeOf(error) };
    } finally {
      cancel();
    }
  }

  return {
    name: new URL(url).host,
    async post(alerts) {
      const outcomes: PushOutcome[] = [];
      for (let i = 0; i < alerts.length; i += ALERTS_A_REQUEST) {
        const outcome = await postSome(alerts.slice(i, i + ALERTS_A_REQUEST));
        outcomes.push(outcome);
        // What was refused concerns some alerts; any other trouble concerns them all.
        if (outcome.result !== 'accepted' && outcome.result !== 'refused') break;
      }
      return outcomes;
    },
    async close() {
      stopping.abort();
      await agent.destroy();
    },
  };
}

function connectOptions(tls: AlertmanagerAddress['tls']) {
  if (!tls) return {};
  const { ca, verify, serverName } = tls;
  return {
    rejectUnauthorized: verify,
    ...(ca !== undefined && { ca: typeof ca === 'string' ? ca : ca.reveal() }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

function authorization({ username, password, token }: AlertmanagerAddress): {
  readonly authorization?: string;
} {
  if (token) return { authorization: `Bearer ${token.reveal()}` };
  if (username === undefined || !password) return {};
  const pair = Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64');
  return { authorization: `Basic ${pair}` };
}

function resultOf(status: number): PushResult {
  if (status >= 200 && status < 300) return 'accepted';
  return status >= 500 ? 'failed' : 'refused';
}

/** The code of an error, which names no secret: its message might. */
function codeOf(error: unknown): string {
  if (error instanceof errors.UndiciError)
    return codeOf(error.cause) === 'unknown' ? error.code : codeOf(error.cause);
  if (!(error instanceof Error)) return 'unknown';
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : 'unknown';
}
