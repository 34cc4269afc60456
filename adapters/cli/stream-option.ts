import { InvalidArgumentError } from 'commander';
import type { StreamName } from '../../application/ports/event-store.ts';
import { STREAM_CATEGORIES } from '../event-store/checked-append.ts';

/** For commander: the name of a stream, as `subject` of an exported event has it. */
export function streamOf(text: string): StreamName {
  const category = STREAM_CATEGORIES.find((known) => text.startsWith(`${known}-`));
  if (category !== undefined && text.length > category.length + 1)
    return `${category}-${text.slice(category.length + 1)}`;
  throw new InvalidArgumentError(`expected ${STREAM_CATEGORIES.join('-…, ')}-…`);
}
