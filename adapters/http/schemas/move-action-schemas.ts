import { z } from 'zod';
import { hostName, type HostName } from '../../../domain/shared/ids.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { supports } from '../supports.ts';
import { boundedString, closedObject } from './json-schema-types.ts';

const host = boundedString({ charactersMin: 1, charactersMax: 255, pattern: /^[a-zA-Z0-9-._]*$/ });
const named = (given: string | null | undefined): HostName | null =>
  given === undefined || given === null ? null : hostName(given);

const MIGRATE_SINCE_2_1 = closedObject({ migrate: z.unknown() }).transform(() => null);
const MIGRATE_SINCE_2_56 = closedObject({
  migrate: closedObject({ host: host.nullable().optional() }, 'null').nullable(),
}).transform(({ migrate }) => named(migrate?.host));

/** Cold migration; a host can be named since 2.56. */
export const migrateSchema = (microversion: Microversion): z.ZodType<HostName | null> =>
  supports(microversion, 56) ? MIGRATE_SINCE_2_56 : MIGRATE_SINCE_2_1;

export type UnshelveBody = { readonly host: HostName | null; readonly availabilityZone: string | null };

const availabilityZone = boundedString({ charactersMin: 1, charactersMax: 255 });
const NOWHERE: UnshelveBody = { host: null, availabilityZone: null };

const UNSHELVE_SINCE_2_1 = closedObject({ unshelve: z.unknown() }).transform(() => NOWHERE);
const UNSHELVE_SINCE_2_77 = closedObject({
  unshelve: closedObject({ availability_zone: availabilityZone }, 'null').nullable(),
}).transform(({ unshelve }) => ({ host: null, availabilityZone: unshelve?.availability_zone ?? null }));
const UNSHELVE_SINCE_2_91 = closedObject({
  unshelve: closedObject(
    { availability_zone: availabilityZone.nullable().optional(), host: host.optional() },
    'null',
  ).nullable(),
}).transform(({ unshelve }) => ({
  host: named(unshelve?.host),
  availabilityZone: unshelve?.availability_zone ?? null,
}));

/** A zone can be named since 2.77, a host since 2.91. */
export function unshelveSchema(microversion: Microversion): z.ZodType<UnshelveBody> {
  if (supports(microversion, 91)) return UNSHELVE_SINCE_2_91;
  return supports(microversion, 77) ? UNSHELVE_SINCE_2_77 : UNSHELVE_SINCE_2_1;
}
