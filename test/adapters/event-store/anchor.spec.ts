import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAnchor, signAnchor } from '../../../adapters/event-store/evidence/anchor.ts';
import { readPrivateKey, readPublicKey, writeNewKey } from '../../../adapters/event-store/evidence/anchor-key.ts';
import { temporaryDirectory } from '../../contracts/sqlite-file.fixture.ts';

const STATE = { events: 30, position: 31, recordedAt: '2026-03-01T08:30:00.000Z', digest: 'ab'.repeat(32) };

function signedFile(): { readonly key: string; readonly file: string } {
  const directory = temporaryDirectory();
  const [key, file] = [join(directory, 'key'), join(directory, 'anchor')];
  writeNewKey(key);
  writeFileSync(file, JSON.stringify(signAnchor(STATE, '2026-03-02T00:00:00.000Z', readPrivateKey(key))));
  return { key, file };
}

describe('an anchor', () => {
  it('is believed when the key that is asked for has signed it, or any key when none is', () => {
    const { key, file } = signedFile();
    expect(readAnchor(file, readPublicKey(`${key}.pub`)).anchor).toMatchObject(STATE);
    expect(readAnchor(file, null).fingerprint).toMatch(/^SHA256:/);
  });

  it.each(Object.entries({ ...STATE, events: 29, position: 30, recordedAt: 'x', digest: 'cd'.repeat(32) }))(
    'is refused when its %s was changed',
    (name, value) => {
      const { file } = signedFile();
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), [name]: value }));
      expect(() => readAnchor(file, null)).toThrow('changed after it was signed');
    },
  );

  it('is refused when another key has signed it, or the file is something else', () => {
    const [{ file }, other] = [signedFile(), signedFile()];
    const trusted = readPublicKey(`${other.key}.pub`);
    expect(() => readAnchor(file, trusted)).toThrow('not by the given key');
    expect(() => readAnchor(other.key, null)).toThrow('is no anchor');
    expect(() => readPublicKey(file)).toThrow('expected an Ed25519 public key');
    expect(() => readPublicKey(other.key)).toThrow(/it is a private key/);
    expect(() => readPublicKey(other.key)).toThrow(/FILE\.pub/);
    expect(() => readPrivateKey(join(file, 'none'))).toThrow('lifeboat audit key FILE makes one');
  });

  it('is signed with a key that nobody else may read, and that is never written over', () => {
    const { key } = signedFile();
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(() => writeNewKey(key)).toThrow('EEXIST');
  });
});
