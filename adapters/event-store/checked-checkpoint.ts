import { NAME_LENGTH_MAX } from './checked-append.ts';

/** Throws for a checkpoint that could not have come from a subscription: a bug of the caller. */
export function checkCheckpoint(subscription: string, position: number): void {
  if (subscription.length === 0 || subscription.length > NAME_LENGTH_MAX) {
    throw new Error(`a subscription's name has 1 to ${NAME_LENGTH_MAX} characters, not ${subscription.length}`);
  }
  if (!Number.isSafeInteger(position) || position < 0) {
    throw new Error(`checkpoint ${position} of ${subscription} is no position: expected a number from 0`);
  }
}
