import { setTimeout as delay } from 'node:timers/promises';

export type WaitOptions = { readonly deadlineMs: number; readonly intervalMs?: number };

const INTERVAL_MS = 20;

/** Asks `probe` again and again until it answers something other than null; null when the deadline passed first. */
export async function waitUntil<T>(probe: () => Promise<T | null> | T | null, options: WaitOptions): Promise<T | null> {
  const endsAt = performance.now() + options.deadlineMs;
  for (;;) {
    const answer = await probe();
    if (answer !== null) return answer;
    if (performance.now() >= endsAt) return null;
    await delay(options.intervalMs ?? INTERVAL_MS);
  }
}
