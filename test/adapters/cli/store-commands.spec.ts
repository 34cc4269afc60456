import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newEvents, newStream } from '../../contracts/event-store.fixture.ts';
import { openStore, temporaryDirectory } from '../../contracts/sqlite-file.fixture.ts';
import { EVENTS, filledFile, tamper, verify } from '../event-store/tampered-log.fixture.ts';
import { runLifeboat } from './run-lifeboat.ts';

const PROGRAMS_TIMEOUT_MS = 60_000;
const PAGE_BYTES = 4096;

describe('lifeboat audit verify, anchor and key', { timeout: PROGRAMS_TIMEOUT_MS }, () => {
  it('signs what the log is, finds it so, and names what is different later', async () => {
    const path = await filledFile();
    const [directory, store] = [temporaryDirectory(), ['--store', `sqlite:${path}`]];
    const [key, anchor] = [join(directory, 'key'), join(directory, 'anchor')];
    expect(await runLifeboat('audit', 'key', key)).toMatchObject({ status: 0 });
    expect(await runLifeboat('audit', 'anchor', '--key', key, '--out', anchor, ...store)).toMatchObject({ status: 0 });
    const verified = ['audit', 'verify', '--anchor', anchor, '--public-key', `${key}.pub`, ...store];
    const held = await runLifeboat(...verified, '--json');
    expect(held.status).toBe(0);
    expect(JSON.parse(held.stdout)).toMatchObject({ ok: true, events: EVENTS, anchorsHeld: 1, finding: null });
    tamper(path, 'DELETE FROM events WHERE position > 20');
    const [cut, refused] = await Promise.all([
      runLifeboat(...verified),
      runLifeboat('audit', 'anchor', '--key', key, '--anchor', anchor, ...store),
    ]);
    expect(cut).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('First bad event: truncated, position 21'),
    });
    expect(refused).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('lifeboat store', { timeout: PROGRAMS_TIMEOUT_MS }, () => {
  it('backs up while others write, restores, and says what is there', async () => {
    const [path, directory] = [await filledFile(), temporaryDirectory()];
    const [file, restored] = [join(directory, 'backup.db'), join(directory, 'restored.db')];
    const store = await openStore(path);
    const backup = runLifeboat('store', 'backup', file, '--store', `sqlite:${path}`, '--json');
    for (let more = 0; more < 20; more += 1) await store.append(newStream(), 'none', newEvents(1));
    expect(JSON.parse((await backup).stdout)).toMatchObject({ ok: true, finding: null });
    const { events } = await verify(`sqlite:${file}`);
    expect(events).toBeGreaterThanOrEqual(EVENTS);
    expect(await runLifeboat('store', 'restore', file, '--store', `sqlite:${restored}`)).toMatchObject({ status: 0 });
    const info = await runLifeboat('store', 'info', '--store', `sqlite:${restored}`, '--json');
    expect(JSON.parse(info.stdout)).toMatchObject({ events, positions: [1, events], categories: { instance: events } });
  });

  it('writes over nothing, and makes no file of what is no store', async () => {
    const directory = temporaryDirectory();
    const [text, target, none] = [join(directory, 'text'), join(directory, 'target.db'), join(directory, 'none.db')];
    writeFileSync(text, 'no database'.repeat(200));
    const path = await filledFile();
    const [restored, over, missing] = await Promise.all([
      runLifeboat('store', 'restore', text, '--store', `sqlite:${target}`),
      runLifeboat('store', 'backup', text, '--store', `sqlite:${path}`),
      runLifeboat('audit', 'verify', '--store', `sqlite:${none}`),
    ]);
    expect(restored).toMatchObject({ status: 1, stderr: expect.stringContaining('no SQLite database') });
    expect(over).toMatchObject({ status: 1, stderr: expect.stringContaining('exists: name another file') });
    expect(missing).toMatchObject({ status: 1, stderr: expect.stringContaining('there is no store') });
    for (const file of [target, none]) expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
    expect(readFileSync(text, 'utf8')).toBe('no database'.repeat(200));
  });

  it('keeps no copy of a damaged store, and says which file is damaged', async () => {
    const [path, directory] = [await filledFile(), temporaryDirectory()];
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, PAGE_BYTES));
    const copy = await runLifeboat('store', 'backup', join(directory, 'copy.db'), '--store', `sqlite:${path}`);
    expect(copy).toMatchObject({ status: 1, stdout: '' });
    expect(copy.stderr).toContain(`${path} cannot be read to its end, so no copy was kept.`);
    expect(copy.stderr).toContain('the file is damaged: restore it from a backup');
    expect(readdirSync(directory)).toEqual([]);
    const asked = await runLifeboat('audit', 'show', '--store', `sqlite:${path}`);
    expect(asked).toMatchObject({ status: 1, stderr: expect.stringContaining(`${path}: SQLite: `) });
  });
});
