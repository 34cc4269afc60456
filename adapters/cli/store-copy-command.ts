import type { Command } from 'commander';
import { copyLog } from '../event-store/transfer/copy-log.ts';
import { figure, ProgressLine } from './progress-line.ts';
import { withStoredLog } from './verified-log.ts';

const HELP = `
Stop Lifeboat first. Each event keeps its id, stream, revision, metadata and recorded time, and the order stays; both
logs are then read again and compared. Positions are each store's own: what was "--at 1042" has another number after a
move, times stay. Anchors count events, so those of FROM hold for TO as well. Checkpoints stay behind: a moved Lifeboat
looks at its whole log once, and does nothing twice.

To SQLite the copy is one transaction: after an interruption TO is empty. To EventStoreDB it stands up to the event
where it stopped; --resume compares that with FROM and goes on.

Examples:
  lifeboat store copy sqlite:/var/lib/lifeboat/events.db 'esdb://lifeboat:PASSWORD@node1:2113?tlsCAFile=ca.crt'
  lifeboat store copy 'esdb://node1:2113' sqlite:/backup/events.db --json`;

/** Adds `lifeboat store copy`. */
export function addStoreCopyCommand(store: Command): void {
  store
    .command('copy')
    .description('copy the log from one store to another, empty one, and compare them')
    .argument('<from>', 'sqlite:FILE or esdb://…')
    .argument('<to>', 'sqlite:FILE or esdb://…')
    .option('--resume', 'go on with a copy that was interrupted')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async (from: string, to: string, options: { readonly resume?: boolean; readonly json?: boolean }) => {
      if (from === to) throw new Error('both are the same store');
      const line = new ProgressLine('copying');
      const { events, copied } = await withStoredLog({ key: 'FROM', url: from }, (source) =>
        withStoredLog(
          { key: 'TO', url: to },
          (target) => copyLog(source, target, { resume: options.resume === true, progress: line.show }),
          'target',
        ),
      );
      line.clear();
      console.log(
        options.json === true
          ? JSON.stringify({ ok: true, events, copied })
          : `${figure(events)} events stand in both, the same in the same order; ${figure(copied)} were copied now.`,
      );
    });
}
