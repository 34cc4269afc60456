import { describe, expect, it } from 'vitest';
import {
  hashPassword,
  isPasswordHash,
  PASSWORD_BYTES_MAX,
  verifyPassword,
} from '../../../adapters/identity/password-hash.ts';

/** scrypt of "letmein" made by Python: hashlib.scrypt(b"letmein", salt=b"0123456789abcdef", n=2**15, r=8, p=1, dklen=32). */
const BY_PYTHON = '$scrypt$ln=15,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$goif28hfr/MEg2v7tmT0rnUbea6vIOxyTP/E9srDppY';

describe('a password hash', () => {
  it('is of its password only, and another one each time', async () => {
    const [hash, again] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(hash).not.toBe(again);
    expect(hash).not.toContain('correct');
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword('correct horsE', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('is what other programs make of it', async () => {
    expect(await verifyPassword('letmein', BY_PYTHON)).toBe(true);
    expect(await verifyPassword('letmeout', BY_PYTHON)).toBe(false);
  });

  it('is not made of a text without end', async () => {
    const long = 'x'.repeat(PASSWORD_BYTES_MAX + 1);
    expect(await verifyPassword(long, await hashPassword(long))).toBe(false);
  });

  it.each([
    ['a password', 'correct horse'],
    ['another algorithm', '$2b$12$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    ['too little work', BY_PYTHON.replace('ln=15', 'ln=2')],
    ['more work than a server survives', BY_PYTHON.replace('ln=15', 'ln=30')],
    ['a key cut short', BY_PYTHON.slice(0, -1)],
  ])('is not %s', (_what, text) => {
    expect(isPasswordHash(text)).toBe(false);
    expect(isPasswordHash(BY_PYTHON)).toBe(true);
  });
});
