import { createHash, generateKeyPair, X509Certificate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyPairType } from '../../domain/key-pair/key-pair.ts';

export type ReadPublicKey = { readonly publicKey: string; readonly fingerprint: string };
/** `privateKey` is told to the caller once, in the answer, and written nowhere. */
export type GeneratedKeyPair = ReadPublicKey & { readonly privateKey: string };

/** What ssh-keygen makes by default for Nova. */
const MODULUS_BITS = 2048;
const RSA = 'ssh-rsa';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LENGTH_BYTES = 4;
const ALGORITHM_CHARACTERS_MAX = 64;

/** Null: it is no public key of that type. */
export function readPublicKey(text: string, type: KeyPairType): ReadPublicKey | null {
  return type === 'ssh' ? readSshKey(text) : readCertificate(text);
}

function readSshKey(text: string): ReadPublicKey | null {
  const [algorithm = '', encoded = ''] = text.trim().split(/\s+/);
  if (!BASE64.test(encoded)) return null;
  const blob = Buffer.from(encoded, 'base64');
  return algorithmIn(blob) === algorithm ? { publicKey: text, fingerprint: fingerprintOf(blob) } : null;
}

/** The blob repeats the algorithm's name in front, with its length; null when it does not. */
function algorithmIn(blob: Buffer): string | null {
  if (blob.length < LENGTH_BYTES) return null;
  const length = blob.readUInt32BE(0);
  if (length === 0 || length > ALGORITHM_CHARACTERS_MAX || blob.length <= LENGTH_BYTES + length) return null;
  return blob.toString('latin1', LENGTH_BYTES, LENGTH_BYTES + length);
}

// MD5 as every client shows and compares it; nothing is secured by it.
const fingerprintOf = (blob: Buffer): string => pairs(createHash('md5').update(blob).digest('hex'));
const pairs = (hexadecimal: string): string => (hexadecimal.match(/../g) ?? []).join(':');

function readCertificate(text: string): ReadPublicKey | null {
  try {
    return { publicKey: text, fingerprint: new X509Certificate(text).fingerprint.toLowerCase() };
  } catch {
    return null;
  }
}

/** A new RSA pair; the private half in the format that ssh reads. */
export async function generateSshKeyPair(): Promise<GeneratedKeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const blob = rsaBlob(publicKey);
  return {
    publicKey: `${RSA} ${blob.toString('base64')} Generated-by-Nova`,
    fingerprint: fingerprintOf(blob),
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  };
}

/** RFC 4253, 6.6: name, exponent, modulus. */
function rsaBlob(key: KeyObject): Buffer {
  const { e = '', n = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([field(Buffer.from(RSA)), field(positive(e)), field(positive(n))]);
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A number whose first bit is set would count as negative. */
function positive(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, 'base64url');
  return (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
}
