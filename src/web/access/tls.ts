import type { ServerOptions } from 'node:https';
import type { SecureVersion, TLSSocket } from 'node:tls';

/** What is asked of a client's certificate, in the words of the exporter toolkit (Go's `tls.ClientAuthType`). */
export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

/** How connections are protected. Keys and certificates in PEM. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  /** Of the authorities whose clients are believed. */
  readonly clientCa?: string | undefined;
  readonly clientAuth: ClientAuthType;
  readonly minVersion: SecureVersion;
  readonly maxVersion?: SecureVersion | undefined;
}

/** The settings in the words of the runtime. */
export function tlsOptions({ cert, key, clientCa, clientAuth, minVersion, maxVersion }: TlsSettings) {
  const options: ServerOptions = {
    cert,
    key,
    ...(clientCa !== undefined && { ca: clientCa }),
    minVersion,
    ...(maxVersion !== undefined && { maxVersion }),
    requestCert: clientAuth !== 'NoClientCert',
    rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
  };
  return options;
}

/** Whether a client may go on after the handshake, which asks for a certificate and takes any, or none. */
export function isWelcome(socket: TLSSocket, clientAuth: ClientAuthType): boolean {
  const hasShown = socket.getPeerX509Certificate() !== undefined;
  switch (clientAuth) {
    case 'NoClientCert':
    case 'RequestClientCert':
      return true;
    case 'RequireAnyClientCert':
      return hasShown;
    case 'VerifyClientCertIfGiven':
      return !hasShown || socket.authorized;
    case 'RequireAndVerifyClientCert':
      return socket.authorized;
  }
}
