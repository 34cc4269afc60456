import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { Metadata, type ServerWritableStream, status } from '@grpc/grpc-js';
import type { EventStoreDbLog, LoggedEvent } from './eventstoredb-log.ts';
import { caughtUp, checkpoint, confirmation, eventResponse, nameOf, streamNotFound } from './eventstoredb-messages.ts';

type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

/** How this server gives its events away. */
export type ServedEvents = {
  /** Commit minus prepare position: other than 0 in an old transaction. */
  prepareOffset: bigint;
  /** So many foreign events between two checkpoints of a subscription. */
  checkpointsEvery: number;
  /** A subscription ends with an error after so many events. */
  diesAfter?: number;
};

const BACKWARDS = 1;

export function readStream(log: EventStoreDbLog, call: ReadCall, served: ServedEvents): void {
  const options = call.request.getOptions();
  const stream = options?.getStream();
  const name = nameOf(stream?.getStreamIdentifier());
  const readable = log.readable(name);
  if (readable === null || readable === 'deleted') {
    call.write(streamNotFound(name));
    return void call.end();
  }
  const count = Number(options?.getCount());
  const from = stream?.hasRevision() === true ? BigInt(stream.getRevision()) : 0n;
  const forwards = readable.filter(({ revision }) => revision >= from);
  const events = Number(options?.getReadDirection()) === BACKWARDS ? readable.toReversed() : forwards;
  for (const event of events.slice(0, count)) call.write(responseOf(event, served));
  call.end();
}

/** The events after a position whose stream has one of the prefixes: those that are there, then those that come. */
export function serveSubscription(log: EventStoreDbLog, call: ReadCall, served: ServedEvents): void {
  const options = call.request.getOptions();
  const prefixes = options?.getFilter()?.getStreamIdentifier()?.getPrefixList() ?? [];
  const after = options?.getAll()?.getPosition()?.getCommitPosition();
  if (after !== undefined && !log.isPosition(BigInt(after))) {
    const details = 'Trying to read from an invalid position.';
    return void call.emit('error', { code: status.UNKNOWN, details, metadata: new Metadata() });
  }
  let next = after === undefined ? 0 : log.events.findIndex(({ position }) => position === BigInt(after)) + 1;
  let given = 0;
  let passed = 0;
  const giveMore = (): void => {
    if (given === served.diesAfter) return;
    for (const event of log.events.slice(next)) {
      next += 1;
      if (prefixes.some((prefix) => event.stream.startsWith(prefix))) {
        call.write(responseOf(event, served));
        given += 1;
        // In a later turn, or what was written before would be lost with it.
        if (given === served.diesAfter) return void setImmediate(() => call.emit('error', dead()));
      } else if ((passed += 1) % served.checkpointsEvery === 0) call.write(checkpoint(event.position));
    }
  };
  call.write(confirmation());
  giveMore();
  if (given !== served.diesAfter) call.write(caughtUp());
  const stop = log.watch(giveMore);
  call.on('cancelled', stop);
  call.on('close', stop);
}

const dead = () => ({ code: status.CANCELLED, details: 'the subscription died', metadata: new Metadata() });

const responseOf = (event: LoggedEvent, { prepareOffset }: ServedEvents): ReadResp =>
  eventResponse(event, event.position - prepareOffset);
