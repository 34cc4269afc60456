import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type LoggedEvent, NO_EVENTS, type ProposedEvent } from './eventstoredb-log.ts';

type AppendReq = streams.AppendReq;
type AppendResp = streams.AppendResp;
type ReadResp = streams.ReadResp;

export const nameOf = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

/** The stream and the expected revision of an append. */
export function appendTarget(request: AppendReq): { readonly stream: string; readonly expected: bigint | 'any' } {
  const options = request.getOptions();
  if (options === undefined) throw new Error('the first message of an append has the options');
  const stream = nameOf(options.getStreamIdentifier());
  if (options.hasAny()) return { stream, expected: 'any' };
  return { stream, expected: options.hasNoStream() ? NO_EVENTS : BigInt(options.getRevision()) };
}

export function proposedEvent(request: AppendReq): ProposedEvent {
  const message = request.getProposedMessage();
  if (message === undefined) throw new Error('a further message of an append is an event');
  return {
    id: message.getId()?.getString() ?? '',
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
}

/** Position null: the server does not say where. */
export function appendSuccess(revision: bigint, position: bigint | null): AppendResp {
  const success = new streams.AppendResp.Success();
  success.setCurrentRevision(String(revision));
  if (position === null) success.setNoPosition(new shared.Empty());
  else {
    const place = new streams.AppendResp.Position();
    place.setCommitPosition(String(position));
    place.setPreparePosition(String(position));
    success.setPosition(place);
  }
  const response = new streams.AppendResp();
  response.setSuccess(success);
  return response;
}

export function appendConflict(current: bigint): AppendResp {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (current === NO_EVENTS) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(current));
  const response = new streams.AppendResp();
  response.setWrongExpectedVersion(wrong);
  return response;
}

export function eventResponse(event: LoggedEvent, prepare = event.position): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  const id = new shared.UUID();
  id.setString(event.id);
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(event.stream).toString('base64'));
  recorded.setId(id);
  recorded.setStreamIdentifier(identifier);
  recorded.setStreamRevision(String(event.revision));
  recorded.setCommitPosition(String(event.position));
  recorded.setPreparePosition(String(prepare));
  recorded.getMetadataMap().set('type', event.type);
  recorded.getMetadataMap().set('content-type', event.contentType);
  recorded.getMetadataMap().set('created', '0');
  recorded.setData(event.data);
  recorded.setCustomMetadata(event.metadata);
  const readEvent = new streams.ReadResp.ReadEvent();
  readEvent.setEvent(recorded);
  readEvent.setCommitPosition(String(event.position));
  const response = new streams.ReadResp();
  response.setEvent(readEvent);
  return response;
}

export function streamNotFound(stream: string): ReadResp {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream).toString('base64'));
  const notFound = new streams.ReadResp.StreamNotFound();
  notFound.setStreamIdentifier(identifier);
  const response = new streams.ReadResp();
  response.setStreamNotFound(notFound);
  return response;
}

export function confirmation(): ReadResp {
  const response = new streams.ReadResp();
  response.setConfirmation(new streams.ReadResp.SubscriptionConfirmation());
  return response;
}

export function caughtUp(): ReadResp {
  const response = new streams.ReadResp();
  response.setCaughtUp(new streams.ReadResp.CaughtUp());
  return response;
}

export function checkpoint(position: bigint): ReadResp {
  const reached = new streams.ReadResp.Checkpoint();
  reached.setCommitPosition(String(position));
  reached.setPreparePosition(String(position));
  const response = new streams.ReadResp();
  response.setCheckpoint(reached);
  return response;
}
