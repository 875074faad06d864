import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

const statementSchema = z.strictObject({
  statement: z.literal('vigie archive'),
  /** The period at whose close it was made. */
  period: z.string(),
  /** The last link that it covers, and with it all before. */
  sequence: z.int().min(1),
  chain: z.string(),
  signedAt: z.string(),
});

const signedSchema = z.strictObject({
  ...statementSchema.shape,
  algorithm: z.literal('Ed25519'),
  /** SHA-256 of the public key (RFC 8410 SubjectPublicKeyInfo). */
  key: z.string(),
  publicKey: z.string(),
  signature: z.string(),
});

/** What is signed: that the archive up to a link is as it stands. */
export type Statement = z.output<typeof statementSchema>;
/** A statement with its Ed25519 signature (RFC 8032) and the key to check it by. */
export type SignedStatement = z.output<typeof signedSchema>;

/** An Ed25519 private key from PEM (PKCS #8). Throws an Error, without the key, when it is none. */
export function signingKey(pem: string): KeyObject {
  return ed25519(pem, createPrivateKey, 'private');
}

/** An Ed25519 public key from PEM (SPKI). Throws an Error when it is none. */
export function verifyingKey(pem: string): KeyObject {
  return ed25519(pem, createPublicKey, 'public');
}

function ed25519(pem: string, read: (pem: string) => KeyObject, which: string): KeyObject {
  let key: KeyObject;
  try {
    key = read(pem);
  } catch {
    throw new Error(`expected an Ed25519 ${which} key in PEM`);
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`expected an Ed25519 ${which} key, got one of type ${key.asymmetricKeyType}`);
  return key;
}

/** The name of a key: the digest of its public part. */
export function keyName(key: KeyObject): string {
  const spki = publicPart(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

function publicPart(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** Signs a statement. */
export function signStatement(statement: Statement, key: KeyObject): SignedStatement {
  return {
    ...statement,
    algorithm: 'Ed25519',
    key: keyName(key),
    publicKey: publicPart(key).export({ type: 'spki', format: 'pem' }),
    signature: sign(null, signedBytes(statement), key).toString('base64'),
  };
}

/** A signed statement from JSON; undefined when it is none. */
export function parseSigned(text: string): SignedStatement | undefined {
  try {
    return signedSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether a statement is signed by the key that it names, and that key's name. */
export function checkSignature(signed: SignedStatement): {
  readonly isGenuine: boolean;
  readonly key: string;
} {
  try {
    const key = verifyingKey(signed.publicKey);
    const isGenuine = verify(null, signedBytes(signed), key, Buffer.from(signed.signature, 'base64'));
    return { isGenuine: isGenuine && keyName(key) === signed.key, key: keyName(key) };
  } catch {
    return { isGenuine: false, key: signed.key };
  }
}

const signatureSchema = z.strictObject({
  algorithm: z.literal('Ed25519'),
  key: z.string(),
  publicKey: z.string(),
  signature: z.string(),
});

/** The Ed25519 signature (RFC 8032) of a text, with the key to check it by. */
export type TextSignature = z.output<typeof signatureSchema>;

/** Signs a text as UTF-8. */
export function signText(text: string, key: KeyObject): TextSignature {
  return {
    algorithm: 'Ed25519',
    key: keyName(key),
    publicKey: publicPart(key).export({ type: 'spki', format: 'pem' }),
    signature: sign(null, Buffer.from(text), key).toString('base64'),
  };
}

/** The name of the key that signed a text; undefined when the signature is none, or not of that text. */
export function textSignedBy(text: Uint8Array, signature: unknown): string | undefined {
  const read = signatureSchema.safeParse(signature).data;
  if (!read) return undefined;
  try {
    const key = verifyingKey(read.publicKey);
    const isGenuine = verify(null, text, key, Buffer.from(read.signature, 'base64'));
    return isGenuine && keyName(key) === read.key ? read.key : undefined;
  } catch {
    return undefined;
  }
}

function signedBytes({ statement, period, sequence, chain, signedAt }: Statement): Buffer {
  return Buffer.from(JSON.stringify({ statement, period, sequence, chain, signedAt }));
}
