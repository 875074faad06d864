/** Where to listen. Port 0 takes any that is free. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** What codes mean to whoever configured the address: those of listen(2), and our own refusal. */
const LISTEN_TROUBLES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: stop it, or set another listen.port',
  EACCES: 'this needs a privilege: set a listen.port of 1024 or above',
  EADDRNOTAVAIL: 'this machine does not have that address: set another listen.host',
  ENOTFOUND: 'the name does not resolve: set another listen.host',
  UNGUARDED:
    'whoever reached it could break the region in a box: set listen.host to 127.0.0.1, or say who may write (access)',
};

/** The server cannot listen where it was told to; the message says what to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** The system's code, such as EADDRINUSE; `UNGUARDED` when we refuse. */
  readonly code: string;

  constructor({ host, port }: Listen, cause: { readonly code?: string | undefined }) {
    const code = cause.code ?? 'UNKNOWN';
    const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    super(`cannot listen on ${place}: ${LISTEN_TROUBLES[code] ?? code}`, { cause });
    this.code = code;
  }
}
