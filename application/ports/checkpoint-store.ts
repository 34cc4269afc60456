/** How far each subscription has come. Saved after the effect, so a crash repeats and never skips. */
export interface CheckpointStore {
  /** 0 when the subscription has never saved one. */
  load(subscription: string): Promise<number>;
  save(subscription: string, position: number): Promise<void>;
}
