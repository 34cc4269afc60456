import type { SeededRandom } from '../chaos/seeded-random.ts';
import type { ProcessWorld } from './process-world.ts';
import type { SupervisedProcess } from './supervised-process.ts';

const PAUSE_MS_MIN = 300;
const PAUSE_MS_MAX = 1500;
/** From a hiccup to more than the lease, so that some are taken over and wake up late. */
const STOPPED_MS_MIN = 200;
const STOPPED_MS_MAX = 4500;

export type Disturbances = { kills: number; stops: number };

/** Kills and stops processes at random until `signal` aborts; every stopped one goes on at the end. */
export async function disturbProcesses(
  { clock, processes }: ProcessWorld,
  random: SeededRandom,
  signal: AbortSignal,
): Promise<Disturbances> {
  const done = { kills: 0, stops: 0 };
  const resuming: Promise<void>[] = [];
  while (!signal.aborted) {
    await clock.sleep(random.integer(PAUSE_MS_MIN, PAUSE_MS_MAX), signal);
    const struck = random.pick(processes);
    const kills = random.chance(0.5);
    const stoppedMs = random.integer(STOPPED_MS_MIN, STOPPED_MS_MAX);
    if (signal.aborted || struck.isStopped) continue;
    if (kills) {
      done.kills += 1;
      struck.kill();
    } else {
      done.stops += 1;
      resuming.push(stopFor(struck, clock.sleep(stoppedMs, signal)));
    }
  }
  await Promise.all(resuming);
  return done;
}

async function stopFor(struck: SupervisedProcess, stopped: Promise<void>): Promise<void> {
  struck.stop();
  await stopped;
  struck.resume();
}
