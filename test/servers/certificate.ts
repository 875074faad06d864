import { generateKeyPairSync, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A key and its certificate, in PEM. */
export interface Credentials {
  readonly key: string;
  readonly cert: string;
}

/** What a certificate says. Names may be host names or IPv4 addresses. */
export interface CertificateFacts {
  readonly names: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const VERSION_3 = Buffer.from('a003020102', 'hex');

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);

/** UTCTime, as RFC 5280 §4.1.2.5 wants it until 2049. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function generalName(name: string): Buffer {
  return isIP(name) === 4
    ? der(0x87, Buffer.from(name.split('.').map(Number)))
    : der(0x82, Buffer.from(name, 'ascii'));
}

function extensions(names: readonly string[]): Buffer {
  const altNames = der(0x04, sequence(...names.map(generalName)));
  return der(0xa3, sequence(sequence(SUBJECT_ALT_NAME, altNames)));
}

/** A new P-256 key with a certificate signed by itself (RFC 5280), valid for exactly the span and names given. */
export function selfSigned({ names, fromMs, toMs }: CertificateFacts): Credentials {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('vigie test')))));
  const facts = sequence(
    VERSION_3,
    der(0x02, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(fromMs), time(toMs)),
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(names),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', facts, privateKey));
  const certificate = sequence(facts, ECDSA_WITH_SHA256, signature);
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}
