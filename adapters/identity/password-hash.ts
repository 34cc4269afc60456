import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';

/** Longer ones are refused before any work is done for them. */
export const PASSWORD_BYTES_MAX = 1024;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const COST_LOG2 = 15;
const COST_LOG2_MIN = 14;
const COST_LOG2_MAX = 18;
const BLOCK_SIZE = 8;
const PARALLELIZATION = 1;
/** What scrypt itself needs, 128 bytes for each block of each step, and as much again for its own needs. */
const memoryBytesMax = (costLog2: number): number => 256 * BLOCK_SIZE * 2 ** costLog2;

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=8,p=1\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

/** True for what `hashPassword` writes, and for what Keystone writes with as many blocks and steps. */
export function isPasswordHash(text: string): boolean {
  return partsOf(text) !== null;
}

/** `$scrypt$ln=15,r=8,p=1$salt$key`, as Keystone and passlib write it. Takes about 0.1 s of one processor. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await deriveKey(password, salt, COST_LOG2);
  return `$scrypt$ln=${COST_LOG2},r=${BLOCK_SIZE},p=${PARALLELIZATION}$${unpadded(salt)}$${unpadded(key)}`;
}

/** Takes as long for a wrong password as for the right one. `hash` has been judged by `isPasswordHash`. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parts = partsOf(hash);
  if (parts === null) throw new Error('a password hash came past its own schema');
  if (Buffer.byteLength(password) > PASSWORD_BYTES_MAX) return false;
  return timingSafeEqual(await deriveKey(password, parts.salt, parts.costLog2), parts.key);
}

type Parts = { readonly costLog2: number; readonly salt: Buffer; readonly key: Buffer };

function partsOf(text: string): Parts | null {
  const [, cost, salt, key] = PHC.exec(text) ?? [];
  if (cost === undefined || salt === undefined || key === undefined) return null;
  const costLog2 = Number(cost);
  if (costLog2 < COST_LOG2_MIN || costLog2 > COST_LOG2_MAX) return null;
  return { costLog2, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
}

const scryptAsync = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

function deriveKey(password: string, salt: Buffer, costLog2: number): Promise<Buffer> {
  const options = { N: 2 ** costLog2, r: BLOCK_SIZE, p: PARALLELIZATION, maxmem: memoryBytesMax(costLog2) };
  return scryptAsync(password, salt, KEY_BYTES, options);
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
