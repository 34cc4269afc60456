import { existsSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteDatabase } from '../../../adapters/event-store/open-sqlite-database.ts';
import { makeTemporaryDirectory } from '../../lab/temporary-directory.ts';
import { runLifeboat, runLifeboatInto } from './run-lifeboat.ts';

const DEADLINE_MS = 60_000;
const directory = makeTemporaryDirectory('/tmp/lifeboat-failures-');
const at = (name: string): string => `${directory.path}/${name}`;
const ABSENT = `sqlite:${at('absent.db')}`;
writeFileSync(at('taken'), '');
writeFileSync(at('empty.db'), '');
const EMPTY = `sqlite:${at('empty.db')}`;
const STORE = `sqlite:${at('store.db')}`;
beforeAll(async () => (await openSqliteDatabase(at('store.db'))).close());
afterAll(() => directory.remove());

/** What each prints on standard error, all of it. */
const FAILURES: readonly (readonly [words: readonly string[], sentence: string])[] = [
  [['migrations', '--store', ABSENT], `lifeboat: --store: there is no store ${at('absent.db')}\n`],
  [['migration', 'resolve', '1', 'retry', '-s', ABSENT], `lifeboat: --store: there is no store ${at('absent.db')}\n`],
  [['audit', 'key', at('taken')], `lifeboat: ${at('taken')}: it exists; name another file, or move it away (EEXIST)\n`],
  [
    ['serve', '--config', at('absent.json')],
    `lifeboat: the configuration is not valid\n  ${at('absent.json')}: there is no such file or directory; check the path (ENOENT)\n`,
  ],
  [
    ['audit', 'diff', 'a', '-s', ABSENT],
    "lifeboat: required option '--from <moment>' not specified\n(lifeboat audit diff --help tells more)\n",
  ],
  [
    ['store', 'backup', at('new.db'), '-s', 'memory:'],
    'lifeboat: --store: memory: is gone with the process that wrote it; name another store\n',
  ],
  [
    ['audit', 'verify', '--public-key', at('taken'), '-s', ABSENT],
    'lifeboat: --public-key says who must have signed the anchors; give them too, with --anchor FILE\n',
  ],
  [
    ['views', 'bogus'],
    "lifeboat: unknown command 'bogus'; there are retry, skip, rebuild\n(lifeboat views --help tells more)\n",
  ],
  [
    ['migrations', '-s', EMPTY],
    `lifeboat: ${at('empty.db')} is empty, so it holds no log: check the path, or move the file away and restore a backup\n`,
  ],
];

describe('a command that cannot be carried out', { timeout: DEADLINE_MS }, () => {
  it.each(FAILURES)('%j says why and what to do, and ends with 1', async (words, sentence) => {
    const { status, stdout, stderr } = await runLifeboat(...words);
    expect([status, stdout, stderr]).toEqual([1, '', sentence]);
  });

  it('has made no store', () => {
    expect(existsSync(at('absent.db'))).toBe(false);
    expect(statSync(at('empty.db')).size).toBe(0);
  });

  it('ends with 1 when its answer cannot be written, and says so once', async () => {
    const { status, stderr } = await runLifeboatInto('>/dev/full', 'store', 'info', '-s', STORE);
    expect([status, stderr]).toEqual([1, 'lifeboat: the output: no space is left on the device; free some (ENOSPC)\n']);
  });

  it('refuses a period that ends before it begins, which would look empty', async () => {
    const { status, stderr } = await runLifeboat('audit', 'export', '--from', '9', '--to', '4', '-s', STORE);
    expect([status, stderr]).toEqual([1, 'lifeboat: --from is later than --to; exchange them\n']);
  });
});
