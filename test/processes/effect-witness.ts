import { z } from 'zod';
import type { SeenCall } from '../../adapters/simulated/remote/simulated-cloud-protocol.ts';

const described = z.looseObject({
  migrationId: z.string(),
  guest: z.looseObject({ instanceId: z.string() }),
});

/** What only the process that serves a host may ask of it. */
const HOST_EFFECTS: ReadonlySet<string> = new Set([
  'spawn',
  'stop',
  'start',
  'reboot',
  'rescue',
  'unrescue',
  'destroy',
]);

/** What only the driver of a migration may ask. */
const MIGRATION_EFFECTS: ReadonlySet<string> = new Set([
  'prepareDestination',
  'clearDestination',
  'adoptAtDestination',
  'migrateGuest',
  'confirmSource',
  'restoreSource',
]);

/**
 * Sees every call as it reaches a host. A process that has changed something after another one has taken over would come
 * back here: each host, and each migration, must have one process after another, and none twice.
 */
export class EffectWitness {
  readonly violations: string[] = [];
  readonly #newest = new Map<string, string>();
  readonly #past = new Map<string, Set<string>>();
  readonly #migrationOf = new Map<string, string>();
  effects = 0;

  readonly saw = ({ process, target, method, args }: SeenCall): void => {
    if (HOST_EFFECTS.has(method)) this.#acts(`host ${target}`, process, method);
    const parsed = described.safeParse(args[0]);
    if (!parsed.success) return;
    const { migrationId, guest } = parsed.data;
    const newest = this.#migrationOf.get(guest.instanceId);
    // What an earlier migration has left is removed in its name by a later one.
    const isOfEarlier = method === 'clearDestination' && newest !== migrationId;
    if (!isOfEarlier) this.#migrationOf.set(guest.instanceId, migrationId);
    if (!isOfEarlier && MIGRATION_EFFECTS.has(method)) this.#acts(`migration ${migrationId}`, process, method);
  };

  #acts(what: string, process: string, method: string): void {
    this.effects += 1;
    const newest = this.#newest.get(what);
    if (newest === process) return;
    const past = this.#past.get(what) ?? new Set();
    this.#past.set(what, past);
    if (past.has(process)) {
      this.violations.push(`${what}: ${process} asks for ${method} after ${newest} had taken over`);
    }
    if (newest !== undefined) past.add(newest);
    this.#newest.set(what, process);
  }
}
