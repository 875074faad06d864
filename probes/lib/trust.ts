import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { Secret } from '../../src/core/secret.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Gives the TLS context that trusts the authorities in a PEM text, or those of the system when there is none. Checks
 * that trust the same share one context: it costs more than a handshake. Throws when the text does not hold
 * certificates alone that can be read: the configuration is then to be refused.
 */
export function createTrust(): (ca: string | Secret | undefined) => SecureContext {
  const contexts = new Map<string, SecureContext>();
  return (ca) => {
    const pem = ca instanceof Secret ? ca.reveal() : ca;
    const known = contexts.get(pem ?? '');
    if (known) return known;
    if (pem !== undefined && !holdsCertificates(pem)) throw new Error(`tls.ca: ${CA_EXPECTED}`);
    const context = createSecureContext(pem === undefined ? {} : { ca: pem });
    contexts.set(pem ?? '', context);
    return context;
  };
}

/** What `tls.ca` is to hold, for messages. */
export const CA_EXPECTED =
  'expected certificates in PEM that can be read, or where to find them: { env: NAME } or { file: /path }';

/** Whether a text holds certificates in PEM, at least one, and all of them can be read. */
export function holdsCertificates(pem: string): boolean {
  const certificates = pem.match(CERTIFICATE) ?? [];
  return certificates.length > 0 && certificates.every(isReadable);
}

function isReadable(certificate: string): boolean {
  try {
    return Boolean(new X509Certificate(certificate));
  } catch {
    return false;
  }
}
