import { z } from 'zod';
import { StoreUnavailable } from '../../application/ports/event-store.ts';
import type {
  HostValue,
  LatestKey,
  LatestValueOf,
  ProcessValue,
  SchedulerValue,
} from '../../application/ports/latest-values.ts';
import { NAME_LENGTH_MAX } from './checked-append.ts';

// Not strict: during a rolling upgrade newer processes may say more than this one knows.
const count = z.number();
const text = z.string();

const processValue: z.ZodType<ProcessValue> = z.object({
  state: z.enum(['running', 'ended']),
  identity: text.nullable(),
  description: text,
  progress: z.record(
    text,
    z.object({
      memoryTotalBytes: count,
      memoryProcessedBytes: count,
      memoryRemainingBytes: count,
      diskTotalBytes: count,
      diskProcessedBytes: count,
      diskRemainingBytes: count,
    }),
  ),
});

const hostValue: z.ZodType<HostValue> = z.object({
  runner: text,
  facts: z
    .object({
      hypervisorHostname: text,
      hypervisorType: text,
      hypervisorVersion: count,
      vcpus: count,
      memoryMiB: count,
      memoryFreeMiB: count,
      diskGiB: count,
      diskFreeGiB: count,
      hostIp: text,
      uptime: text,
    })
    .loose()
    .nullable(),
  movesCold: z.boolean(),
  storesImages: z.boolean(),
});

const schedulerValue: z.ZodType<SchedulerValue> = z.object({ runner: text });

function schemaOf(key: LatestKey): z.ZodType<ProcessValue | HostValue | SchedulerValue> {
  if (key === 'scheduler') return schedulerValue;
  return key.startsWith('host-') ? hostValue : processValue;
}

/** Throws StoreUnavailable for what no Lifeboat of this version has written. */
export function decodeLatestValue<Key extends LatestKey>(key: Key, stored: unknown): LatestValueOf<Key> {
  const parsed = schemaOf(key).safeParse(stored);
  // The key's kind has chosen the schema; the compiler cannot follow.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (parsed.success) return parsed.data as LatestValueOf<Key>;
  throw new StoreUnavailable(`the latest value ${key} cannot be read; a newer Lifeboat may have written it: upgrade`);
}

/** Throws for a key that no store could take: a bug of the caller. */
export function checkLatestKey(key: LatestKey): void {
  if (key.length > NAME_LENGTH_MAX) throw new Error(`a key has at most ${NAME_LENGTH_MAX} characters`);
}
