import { rmSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import type { ConfiguredUrl } from '../event-store/configured-store.ts';
import { failureSentence } from '../system/failure-sentence.ts';
import { isEventStoreDbUrl } from '../event-store/eventstoredb-url.ts';
import type { LogEntry } from '../event-store/log-entry.ts';
import { entriesIn } from '../event-store/stored-log.ts';
import { sqlitePath } from '../event-store/sqlite-url.ts';
import { copySqliteFile } from '../event-store/transfer/sqlite-backup.ts';
import { factsText } from './facts-text.ts';
import { figure, ProgressLine } from './progress-line.ts';
import { addStoreCopyCommand } from './store-copy-command.ts';
import { addStoreOptions, storeUrl, type StoreOptions } from './store-option.ts';
import { NOT_AS_RECORDED, verificationText, verifiedLog, withStoredLog } from './verified-log.ts';

const BACKUP_HELP = `
Lifeboat may go on meanwhile: the file holds everything that was recorded when the command began. It is verified, and on
disk when the command ends. For SQLite; a server of EventStoreDB has its own backup, or "lifeboat store copy" takes its
log to a file.

Example:
  lifeboat store backup /backup/$(date +%F).db --config /etc/lifeboat.json`;

const RESTORE_HELP = `
The store must not be there yet: stop Lifeboat, move the old file (and its -wal and -shm) away, then restore.

Example:
  lifeboat store restore /backup/2026-11-23.db --store sqlite:/var/lib/lifeboat/events.db`;

type JsonOption = StoreOptions & { readonly json?: boolean };

/** Adds `lifeboat store` with its commands. */
export function addStoreCommand(program: Command): void {
  const store = program.command('store').description('back up, restore, move and describe the log');
  addStoreOptions(store.command('backup'))
    .description('copy the store to a new file while Lifeboat runs')
    .argument('<file>', 'a new file')
    .option('--json', 'one JSON object')
    .addHelpText('after', BACKUP_HELP)
    .action(async (file: string, { json, ...options }: JsonOption) => {
      const url = storeUrl(options);
      refuseServer(url);
      await copyFile(sqlitePath(url), file, json === true);
    });
  addStoreOptions(store.command('restore'))
    .description('make the store anew from a backup')
    .argument('<file>', 'what lifeboat store backup has written')
    .option('--json', 'one JSON object')
    .addHelpText('after', RESTORE_HELP)
    .action(async (file: string, { json, ...options }: JsonOption) => {
      const url = storeUrl(options);
      refuseServer(url);
      await copyFile(file, sqlitePath(url), json === true);
    });
  addStoreCopyCommand(store);
  addStoreOptions(store.command('info'))
    .description('how many events of what, from when to when')
    .option('--json', 'one JSON object')
    .action(async ({ json, ...options }: JsonOption) => {
      const info = await infoOf(storeUrl(options));
      console.log(json === true ? JSON.stringify(info) : infoText(info));
    });
}

function refuseServer({ key, url }: ConfiguredUrl): void {
  if (url === 'memory:') throw new Error(`${key}: memory: is gone with the process that wrote it; name another store`);
  if (!isEventStoreDbUrl(url)) return;
  throw new Error(`${key}: back up a server with its own tools (docs/operate/store.md), or copy its log to a file`);
}

/** A copy that cannot even be read is no backup, so it does not stay; one that is not as recorded does: it is evidence. */
async function copyFile(from: string, to: string, json: boolean): Promise<void> {
  if (statSync(from, { throwIfNoEntry: false }) === undefined) throw new Error(`there is no store ${from}`);
  const line = new ProgressLine('copying');
  await copySqliteFile(from, to, line.show);
  line.clear();
  const verification = await verifiedLog({ key: to, url: `sqlite:${to}` }, []).catch((error: unknown) => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${to}${end}`, { force: true });
    throw new Error(`${from} cannot be read to its end, so no copy was kept. Of ${failureSentence(error)}`, {
      cause: error,
    });
  });
  const ok = verification.finding === null;
  console.log(json ? JSON.stringify({ ok, file: to, ...verification }) : `${to}\n${verificationText(verification)}`);
  if (!ok) process.exitCode = NOT_AS_RECORDED;
}

type Info = {
  readonly events: number;
  readonly streams: number;
  readonly positions: readonly [number, number] | null;
  readonly recorded: readonly [string, string] | null;
  readonly categories: Readonly<Record<string, number>>;
};

async function infoOf(url: ConfiguredUrl): Promise<Info> {
  return withStoredLog(url, async (log) => {
    const line = new ProgressLine('reading');
    const total = (await log.count()) ?? 0;
    const streams = new Set<string>();
    const categories: Record<string, number> = {};
    let [first, last]: [LogEntry | null, LogEntry | null] = [null, null];
    let events = 0;
    for await (const entry of entriesIn(log)) {
      first ??= entry;
      last = entry;
      events += 1;
      streams.add(entry.stream);
      const category = entry.stream.slice(0, entry.stream.indexOf('-'));
      categories[category] = (categories[category] ?? 0) + 1;
      line.show(events, total);
    }
    line.clear();
    const ends = first === null || last === null ? null : { first, last };
    return {
      events,
      streams: streams.size,
      positions: ends === null ? null : [ends.first.position, ends.last.position],
      recorded: ends === null ? null : [ends.first.recordedAt, ends.last.recordedAt],
      categories,
    };
  });
}

const infoText = ({ events, streams, positions, recorded, categories }: Info): string =>
  factsText([
    ['events', `${figure(events)} in ${figure(streams)} streams`],
    ['positions', positions?.join(' to ') ?? 'none'],
    ['recorded', recorded?.join(' to ') ?? 'never'],
    ...Object.entries(categories).map(([category, count]) => [`  ${category}`, figure(count)] as const),
  ]);
