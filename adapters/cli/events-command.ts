import type { Command } from 'commander';
import { isUpTo, type Moment } from '../../application/audit/moment.ts';
import { followEvents } from '../../application/follow-events.ts';
import type { CheckpointStore } from '../../application/ports/checkpoint-store.ts';
import type { RecordedEvent, StreamName } from '../../application/ports/event-store.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { cloudEvent } from './cloud-event.ts';
import { eventText } from './event-text.ts';
import type { LineOutput } from './line-output.ts';
import { fromOption, MOMENT_HELP } from './moment-option.ts';
import { readingLog } from './reading-log.ts';
import { addStoreOptions, type StoreOptions } from './store-option.ts';
import { streamOf } from './stream-option.ts';

const HELP = `
First what is recorded, then what comes, until SIGINT, SIGTERM, or the first event that nobody reads. With --json each line is one
CloudEvents 1.0 object; its \`position\` is the --from that goes on behind it. A reader that is slow is waited for.
An event that this version cannot read ends the command with 1 and is named; nothing is skipped.
${MOMENT_HELP}

Examples:
  lifeboat events follow --from 1042 --json
  lifeboat events follow --json --checkpoint /var/lib/billing/position | billing    goes on where it stopped
  lifeboat events follow --stream instance-5f3c…                                    for people: one server
docs/consume-events.md tells more, and how another TypeScript program does this itself.`;

const POSITION_WIDTH = 8;
const ACTOR_WIDTH = 12;
const TYPE_WIDTH = 26;

type FollowOptions = StoreOptions & {
  readonly from: Moment;
  readonly stream?: StreamName;
  readonly checkpoint?: string;
  readonly json?: boolean;
};

/** Adds `lifeboat events follow`. */
export function addEventsCommand(program: Command): void {
  const events = program.command('events').description('the log for other programs, as it grows');
  addStoreOptions(events.command('follow'))
    .description('write every event after a position, then every new one')
    .addOption(fromOption())
    .option('--stream <name>', 'only this stream, such as instance-5f3c…', streamOf)
    .option('--checkpoint <file>', 'keep in this file how far was written, and begin there')
    .option('--json', 'one CloudEvents object on each line')
    .addHelpText('after', HELP)
    .action(({ from, stream, checkpoint, json, ...store }: FollowOptions) =>
      readingLog(store, async (eventStore, output) => {
        const first = from.kind === 'position' ? from.position : 0;
        const checkpoints = checkpoint === undefined ? inMemory(first) : new CheckpointFile(checkpoint, first);
        const isWanted = (event: RecordedEvent): boolean =>
          !isUpTo(event, from) && (stream === undefined || event.stream === stream);
        const consumer = {
          name: 'lifeboat events follow',
          handle: async (event: RecordedEvent): Promise<void> => {
            if (isWanted(event)) await output.write(json === true ? cloudEvent(event) : lineOf(event));
          },
        };
        const signal = AbortSignal.any([output.ended, interruption()]);
        await followEvents({ eventStore, checkpoints: writtenBefore(output, checkpoints) }, consumer, signal);
      }),
    );
}

/** A position is saved only when everything up to it has left this process. */
const writtenBefore = (output: LineOutput, checkpoints: CheckpointStore): CheckpointStore => ({
  load: (name) => checkpoints.load(name),
  save: async (name, position) => {
    if (await output.flushed()) await checkpoints.save(name, position);
  },
});

const inMemory = (first: number): CheckpointStore => ({
  load: () => Promise.resolve(first),
  save: () => Promise.resolve(),
});

/** Aborts at SIGINT and SIGTERM. A second one ends the process at once, as without this. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  return interrupted.signal;
}

function lineOf(event: RecordedEvent): string {
  const { position, recordedAt, metadata, stream, data } = event;
  const place = `${String(position).padStart(POSITION_WIDTH)}  ${recordedAt}`;
  const by = metadata.actor.slice(0, ACTOR_WIDTH).padEnd(ACTOR_WIDTH);
  return `${place}  ${by}  ${data.type.padEnd(TYPE_WIDTH)}  ${stream}  ${eventText(event)}`.trimEnd();
}
