import type { RecordedEvent } from '../../application/ports/event-store.ts';
import { currentVersion, EVENT_REGISTRY } from '../event-store/event-registry.ts';

/** As many as the largest position has, so that `sequence` is in order as text too. */
const SEQUENCE_DIGITS = String(Number.MAX_SAFE_INTEGER).length;

/**
 * CloudEvents 1.0 in the structured JSON mode, one line: the form in which events leave Lifeboat. Numbers that may pass
 * 2^31 are text, since a CloudEvents integer may not.
 */
export function cloudEvent({ id, stream, revision, position, recordedAt, data, metadata }: RecordedEvent): string {
  const definition = EVENT_REGISTRY.get(data.type);
  const version = definition === undefined ? 1 : currentVersion(definition);
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: '/lifeboat',
    type: `lifeboat.${data.type}`,
    subject: stream,
    time: recordedAt,
    datacontenttype: 'application/json',
    dataschema: `urn:lifeboat:event:${data.type}:${version}`,
    sequence: String(position).padStart(SEQUENCE_DIGITS, '0'),
    position: String(position),
    revision,
    correlationid: metadata.correlationId,
    causationid: metadata.causationId,
    actor: metadata.actor,
    data,
  });
}
