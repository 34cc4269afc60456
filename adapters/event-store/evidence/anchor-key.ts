import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';

const KIND = 'ed25519';
const KEY_BYTES_MAX = 10_000;
const PRIVATE_PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** Nobody else may read what signs. */
const PRIVATE_MODE = 0o600;

/** Writes a new private key to `path` and its public key to `path`.pub, both as PEM. Throws when either is there. */
export function writeNewKey(path: string): { readonly publicKeyFile: string; readonly fingerprint: string } {
  const { privateKey, publicKey } = generateKeyPairSync(KIND);
  const publicKeyFile = `${path}.pub`;
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: PRIVATE_MODE, flag: 'wx' });
  writeFileSync(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }), { flag: 'wx' });
  return { publicKeyFile, fingerprint: fingerprintOf(publicKey) };
}

/** Throws a sentence for the operator when the file holds no Ed25519 private key. */
export function readPrivateKey(path: string): KeyObject {
  return readKey(path, createPrivateKey, 'private key; lifeboat audit key FILE makes one');
}

/** Throws a sentence for the operator when the file holds no Ed25519 public key. */
export function readPublicKey(path: string): KeyObject {
  return readKey(path, publicKeyOf, 'public key; lifeboat audit key FILE has written it to FILE.pub');
}

/** What people compare: SHA-256 of the public key in DER. */
export const fingerprintOf = (publicKey: KeyObject): string =>
  `SHA256:${createHash('sha256').update(derOf(publicKey)).digest('base64').replace(/=+$/, '')}`;

export const derOf = (publicKey: KeyObject): Buffer => publicKey.export({ type: 'spki', format: 'der' });

/** Node would derive the public key of a private one: whoever hands that around has given away what signs. */
function publicKeyOf(pem: Buffer): KeyObject {
  if (PRIVATE_PEM.test(pem.toString('latin1'))) throw new Error('it is a private key, which no one else may have');
  return createPublicKey(pem);
}

function readKey(path: string, parse: (pem: Buffer) => KeyObject, expected: string): KeyObject {
  try {
    if (statSync(path).size > KEY_BYTES_MAX) throw new Error(`it is larger than ${KEY_BYTES_MAX} bytes`);
    const key = parse(readFileSync(path));
    if (key.asymmetricKeyType !== KIND) throw new Error(`it is a key for ${key.asymmetricKeyType ?? 'nothing'}`);
    return key;
  } catch (error) {
    throw new Error(
      `${path}: expected an Ed25519 ${expected} (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    );
  }
}
