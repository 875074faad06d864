import { createHash } from 'node:crypto';
import { Secret } from '../../src/core/secret.ts';
import type { HttpRequest } from './http-exchange.ts';

/** What a request is made of, as configured. */
export interface RequestSettings {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | Secret>>;
  readonly body?: string | undefined;
  readonly connection: 'fresh' | 'reuse';
  readonly maxBody: number;
}

const OWN_HEADERS: Readonly<Record<string, string>> = { 'user-agent': 'vigie', accept: '*/*' };

/** What the value of a header may be: one line without control characters (RFC 9110 §5.5). */
export const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** The request that undici is given, made once. Throws when a secret cannot be the value of a header. */
export function requestOf(settings: RequestSettings, keepBody: boolean): HttpRequest {
  const { method, connection, maxBody } = settings;
  const { pathname, search } = new URL(settings.url);
  return {
    options: {
      path: pathname + search,
      method,
      headers: headersOf(settings),
      body: settings.body ?? null,
      reset: connection === 'fresh',
    },
    maxBody,
    keepBody,
  };
}

function headersOf({ headers }: RequestSettings): string[] {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const own = Object.entries(OWN_HEADERS).filter(([name]) => !given.has(name));
  const all = [...own, ...Object.entries(headers)];
  return all.flatMap(([name, value]) => {
    const text = value instanceof Secret ? value.reveal() : value;
    if (!HEADER_VALUE.test(text)) throw new Error(`the secret of header ${name} is not a text of one line`);
    return [name, text];
  });
}

const LABEL_LENGTH = 160;

/** The request for people: method, origin and path. Without the query, which may hold a secret. */
export function labelOf({ method, url }: RequestSettings): string {
  const { origin, pathname } = new URL(url);
  const label = `${method} ${origin}${pathname}`;
  return label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH)}…` : label;
}

/** Names the request by all that is on the wire but the values of headers; the query only by its digest. */
export function identityOf(settings: RequestSettings): string {
  const { method, url, headers, body } = settings;
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const wire = JSON.stringify([method, new URL(url).href, body ?? '', names.sort()]);
  return `${labelOf(settings)} ${createHash('sha256').update(wire).digest('base64url')}`;
}

const TELLING_LENGTH = 8;

/**
 * What must not be told when a server sends it back: the secrets among the headers, their parts (a token after its
 * scheme), and either in base64. The longest first.
 */
export function secretsOf({ headers }: RequestSettings): readonly string[] {
  const secrets = Object.values(headers).filter((value) => value instanceof Secret);
  const texts = secrets.flatMap((secret) => {
    const whole = secret.reveal();
    return [whole, ...whole.split(/\s+/).filter((part) => part.length >= TELLING_LENGTH)];
  });
  return [...texts, ...texts.map((text) => Buffer.from(text).toString('base64'))]
    .filter((text) => text !== '')
    .sort((a, b) => b.length - a.length);
}
