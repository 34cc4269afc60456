import type { z } from 'zod';
import type { LiveMigrateServer } from '../../../application/compute-api.ts';
import { hostName } from '../../../domain/shared/ids.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { supports } from '../supports.ts';
import { booleanOrAuto, booleanParameter, boundedString, closedObject } from './json-schema-types.ts';

type Wanted = Omit<LiveMigrateServer, 'microversion'>;

const HOST_CHARACTERS_MAX = 255;

const host = boundedString({
  charactersMin: 1,
  charactersMax: HOST_CHARACTERS_MAX,
  pattern: /^[a-zA-Z0-9-._]*$/,
  types: ['string', 'null'],
})
  .nullable()
  .transform((given) => (given === null ? null : hostName(given)));

const wanted = (fields: {
  readonly block_migration: boolean | 'auto';
  readonly host: Wanted['requestedHost'];
  readonly force?: boolean | undefined;
}): Wanted => ({
  requestedHost: fields.host,
  blockMigration: fields.block_migration,
  force: fields.force ?? false,
});

const body = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  closedObject({ 'os-migrateLive': closedObject(shape) });

// disk_over_commit is checked and then unused: whether a disk fits is the destination's pre-check here.
const SINCE_2_1 = body({ block_migration: booleanParameter, disk_over_commit: booleanParameter, host }).transform(
  (parsed) => wanted(parsed['os-migrateLive']),
);
const SINCE_2_25 = body({ block_migration: booleanOrAuto, host }).transform((parsed) =>
  wanted(parsed['os-migrateLive']),
);
const SINCE_2_30 = body({ block_migration: booleanOrAuto, host, force: booleanParameter.optional() }).transform(
  (parsed) => wanted(parsed['os-migrateLive']),
);

/** nova.md B.1. 2.105 changes who may be migrated, not what is asked. */
export function liveMigrateSchema(microversion: Microversion): z.ZodType<Wanted> {
  if (supports(microversion, 68)) return SINCE_2_25;
  if (supports(microversion, 30)) return SINCE_2_30;
  return supports(microversion, 25) ? SINCE_2_25 : SINCE_2_1;
}
