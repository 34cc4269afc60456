/** Measures how long something has lasted on this machine. Says nothing about any other machine's time. */
export interface MonotonicClock {
  /** Since a moment that never changes; goes on while the process is stopped, and is never set back. */
  elapsedMs(): number;
}
