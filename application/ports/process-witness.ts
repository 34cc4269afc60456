/** Knows whether processes of this machine still exist. */
export interface ProcessWitness {
  /** What tells this process from every other one, on this machine and elsewhere; null where nothing can. */
  readonly identity: string | null;
  /** True only when that process has certainly ended. False for one of another machine, whatever became of it. */
  isSurelyGone(identity: string): boolean;
}
