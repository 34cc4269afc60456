import type { Log } from '../../application/ports/log.ts';
import type { Progress } from '../event-store/progress.ts';

const TOLD_EVERY_MS = 2000;

/** For a file of an older Lifeboat, whose events are chained while it is opened: a line now and then, none for a short one. */
export function chainingTold(log: Log): Progress {
  let toldAt = performance.now();
  return (done, total) => {
    if (performance.now() - toldAt < TOLD_EVERY_MS) return;
    toldAt = performance.now();
    log.info({ done, total }, 'The events of an older Lifeboat are being chained; the API starts afterwards.');
  };
}
