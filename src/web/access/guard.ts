import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { MiddlewareHandler } from 'hono';
import type { Clock } from '../../core/clock.ts';
import type { Asked, Environment } from '../environment.ts';
import { problem } from '../problem.ts';
import { addressSet, farEnd } from './addresses.ts';
import { type Credentials, credentialsIn } from './credentials.ts';
import { FailedLogins } from './failed-logins.ts';
import type { Passwords } from './passwords.ts';
import type { Requester, Right } from './requester.ts';
import { type AccessRules, tokenDigest } from './rules.ts';

/** Something about access that somebody should know; for the log. No password or token is in it. */
export interface AccessEvent {
  readonly what: 'log-in failed' | 'too many failed log-ins';
  readonly address: string;
  /** As whom; null where only a token was shown. */
  readonly user: string | null;
}

/** What the guard needs. */
export interface GuardOptions {
  readonly clock: Clock;
  readonly passwords: Passwords;
  /** Told of what was refused. */
  readonly onAccess: (event: AccessEvent) => void;
}

/** What anyone may ask for: whether we live is for the machine that restarts us. */
const ALWAYS_OPEN = new Set(['/healthz', '/readyz']);
const METRICS = '/metrics';
/** The look of the pages, that of refusals among them: the same files for all. */
const ASSET = /^\/ui\/[^/]+\/[^/]+$/;

type Known = Pick<Requester, 'name' | 'rights'>;

/** Says who makes each request, and turns away who may not even read. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #failed: FailedLogins;
  #rules: AccessRules;
  #isTrusted: (address: string) => boolean;

  constructor(rules: AccessRules, options: GuardOptions) {
    this.#options = options;
    this.#failed = new FailedLogins(options.clock);
    this.#rules = rules;
    this.#isTrusted = addressSet(rules.trustedProxies);
  }

  get rules(): AccessRules {
    return this.#rules;
  }

  /** Goes on by other rules. */
  reconfigure(rules: AccessRules): void {
    this.#rules = rules;
    this.#isTrusted = addressSet(rules.trustedProxies);
  }

  /** Sets the requester of each request, or answers in the place of its route. */
  readonly middleware: MiddlewareHandler<Environment> = async (context, next) => {
    const place = this.#placeOf(context);
    const known = await this.#identify(context, place.address);
    if (known instanceof Response) return known;
    context.set('requester', { ...place, ...known });
    if (known.rights.has('read') || this.#isOpen(context.req.path)) return next();
    return this.challenge('expected to know who asks');
  };

  /** The answer to one who has to say who they are first (RFC 9110 §11.6.1). */
  challenge(detail: string): Response {
    const { users, tokens } = this.#rules;
    const schemes = [
      ...(users.size > 0 ? ['Basic realm="vigie", charset="UTF-8"'] : []),
      ...(tokens.length > 0 ? ['Bearer'] : []),
    ];
    // Who comes by a proxy or with a certificate has to be known by that.
    if (schemes.length === 0) return problem(403, detail);
    return problem(401, detail, { 'WWW-Authenticate': schemes.join(', ') });
  }

  #isOpen(path: string): boolean {
    return (
      ALWAYS_OPEN.has(path) || ASSET.test(path) || (path === METRICS && this.#rules.anonymous === 'metrics')
    );
  }

  #placeOf(context: Asked): Pick<Requester, 'address' | 'scheme' | 'host'> {
    const { socket } = context.env.incoming;
    const peer = socket.remoteAddress ?? '';
    const isProxied = this.#isTrusted(peer);
    const own = socket instanceof TLSSocket ? 'https' : 'http';
    const told = isProxied ? context.req.header('X-Forwarded-Proto')?.toLowerCase() : undefined;
    const host = isProxied ? context.req.header('X-Forwarded-Host') : undefined;
    return {
      address: farEnd(peer, context.req.header('X-Forwarded-For'), this.#isTrusted),
      scheme: told === 'https' || told === 'http' ? told : own,
      host: host ?? context.req.header('Host') ?? '',
    };
  }

  async #identify(context: Asked, address: string): Promise<Known | Response> {
    const credentials = credentialsIn(context.req.header('Authorization'));
    const { users, tokens } = this.#rules;
    // What nobody here could have been given is meant for somebody else.
    if (credentials?.scheme === 'basic' && users.size > 0) return this.#byCredentials(credentials, address);
    if (credentials?.scheme === 'bearer' && tokens.length > 0)
      return this.#byCredentials(credentials, address);
    return this.#byConnection(context);
  }

  /** What stands behind the request without being said in it: a proxy, or a certificate. */
  #byConnection(context: Asked): Known {
    const { socket } = context.env.incoming;
    const { userHeader, anonymous, certificates } = this.#rules;
    const told = this.#isTrusted(socket.remoteAddress ?? '') ? context.req.header(userHeader) : undefined;
    // Several names are what a client said and what the proxy added: then nobody is known.
    const proxied = told?.includes(',') === true ? undefined : told?.trim();
    const certified = certificates ? certifiedName(socket) : undefined;
    const name = proxied === undefined || proxied === '' ? certified : proxied;
    if (name !== undefined) return this.#person(name);
    return { name: null, rights: new Set<Right>(anonymous === 'read' ? ['read'] : []) };
  }

  async #byCredentials(credentials: Credentials, address: string): Promise<Known | Response> {
    const { users } = this.#rules;
    const joined =
      credentials.scheme === 'basic' &&
      this.#options.passwords.underWay(credentials.user, credentials.password, users);
    const isPaid = !joined;
    const attempt = isPaid ? this.#failed.attempt(address) : 'taken';
    if (attempt !== 'taken') return this.#tooMany(attempt.againInMs);
    const known = await (credentials.scheme === 'basic'
      ? this.#byPassword(credentials.user, credentials.password)
      : this.#byToken(credentials.token));
    if (known === 'busy' || known) {
      if (isPaid) this.#failed.giveBack(address);
      return known === 'busy' ? problem(503, 'too many log-ins at once', { 'Retry-After': '1' }) : known;
    }
    this.#tell(address, credentials);
    return this.challenge('the user and password, or the token, are not right');
  }

  async #byPassword(user: string, password: string): Promise<Known | 'busy' | undefined> {
    const answer = await this.#options.passwords.check(user, password, this.#rules.users);
    if (answer === 'busy') return answer;
    return answer === 'right' ? this.#person(user) : undefined;
  }

  /** Looks at all tokens, whichever it is. */
  #byToken(shown: string): Known | undefined {
    const digest = tokenDigest(shown);
    const found = this.#rules.tokens.filter((token) => timingSafeEqual(token.digest, digest));
    const [token] = found;
    return token && { name: token.name, rights: new Set(token.rights) };
  }

  #person(name: string): Known {
    return { name, rights: new Set<Right>(this.#rules.writers.has(name) ? ['read', 'write'] : ['read']) };
  }

  /** Told of once, when the last attempt was spent: who goes on trying must not fill the log. */
  #tooMany(againInMs: number): Response {
    const seconds = String(Math.ceil(againInMs / 1_000));
    return problem(429, 'too many log-ins have failed from this address', { 'Retry-After': seconds });
  }

  #tell(address: string, credentials: Credentials): void {
    const user = credentials.scheme === 'basic' ? credentials.user : null;
    this.#options.onAccess({ what: 'log-in failed', address, user });
    if (this.#failed.isSpent(address))
      this.#options.onAccess({ what: 'too many failed log-ins', address, user });
  }
}

/** The name in a client certificate that was verified; undefined when there is none. */
function certifiedName(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { CN } = socket.getPeerCertificate().subject;
  return Array.isArray(CN) ? CN[0] : CN;
}
