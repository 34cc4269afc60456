import { z } from 'zod';
import { DEFAULT_LIVE_MIGRATION, type LiveMigrationSettings } from '../libvirt/live-migration-settings.ts';

const DAY_SECONDS = 86_400;
const { permittedDowntime } = DEFAULT_LIVE_MIGRATION;

/** The section `liveMigration`; only for hypervisor `libvirt`. Bounds of the downtime are Nova's. */
export const liveMigrationSchema = z.strictObject({
  completionTimeoutSecondsPerGiB: z
    .number()
    .min(0)
    .max(DAY_SECONDS)
    .default(DEFAULT_LIVE_MIGRATION.completionTimeoutSecondsPerGiB)
    .describe('How long a copy may take, for each GiB of memory and disk (at least two). 0: as long as it takes.'),
  completionTimeoutAction: z
    .enum(['abort', 'forceComplete'])
    .default(DEFAULT_LIVE_MIGRATION.completionTimeoutAction)
    .describe('What happens then. A forced copy that still does not end is aborted 60 s for each GiB later.'),
  stallTimeoutSeconds: z
    .number()
    .min(0)
    .max(DAY_SECONDS)
    .default(DEFAULT_LIVE_MIGRATION.stallTimeoutSeconds)
    .describe('A copy that transfers nothing for so long is aborted. 0: never.'),
  permittedDowntime: z
    .strictObject({
      maxMs: z
        .number()
        .int()
        .min(100)
        .max(600_000)
        .default(permittedDowntime.maxMs)
        .describe('How long the guest may stand still when its copy ends; grows to this in steps.'),
      steps: z.number().int().min(3).max(1000).default(permittedDowntime.steps).describe('In how many steps.'),
      delaySecondsPerGiB: z
        .number()
        .min(3)
        .max(DAY_SECONDS)
        .default(permittedDowntime.delaySecondsPerGiB)
        .describe('Between two steps, for each GiB of memory and disk (at least two).'),
    })
    .prefault({}),
  emulatedGuestsInOnePass: z
    .boolean()
    .default(DEFAULT_LIVE_MIGRATION.emulatedGuestsInOnePass)
    .describe(
      'Copy the memory of a guest without KVM once, and then let it stand still for all that it has written meanwhile: ' +
        'QEMU before 9.0 damages its memory otherwise. `false` only where every guest runs in QEMU 9.0 or newer.',
    ),
  autoConverge: z
    .boolean()
    .default(DEFAULT_LIVE_MIGRATION.autoConverge)
    .describe('Slow a guest down that writes faster than it can be copied.'),
  postCopy: z
    .boolean()
    .default(DEFAULT_LIVE_MIGRATION.postCopy)
    .describe(
      'Let force-complete start the guest at the destination before its memory has come. ' +
        'If a host, the network or this program fails then, the guest is lost.',
    ),
  bandwidthMiBps: z
    .number()
    .int()
    .min(0)
    .max(1_048_576)
    .default(DEFAULT_LIVE_MIGRATION.bandwidthMiBps)
    .describe('For the memory of one guest, and for each of its disks. 0: no limit.'),
}) satisfies z.ZodType<LiveMigrationSettings>;
