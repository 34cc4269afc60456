import { z } from 'zod';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { supports } from '../supports.ts';
import { booleanParameter, boundedString, closedObject, notOfType } from './json-schema-types.ts';
import { resourceName } from './resource-name.ts';
import { metadataItems } from './server-metadata-schema.ts';

const host = boundedString({ charactersMin: 1, charactersMax: 255, pattern: /^[a-zA-Z0-9-._]*$/ });
const wholeNumber = z.union([z.int().min(0), z.string().regex(/^[0-9]{1,9}$/)], {
  error: notOfType('integer', 'string'),
});

export const CREATE_BACKUP_SCHEMA = closedObject({
  createBackup: closedObject({
    name: resourceName,
    backup_type: boundedString({ charactersMin: 1, charactersMax: 255 }),
    rotation: wholeNumber,
    metadata: metadataItems.optional(),
  }),
});

const adminPass = boundedString({ charactersMax: 255 }).optional();
const EVACUATE_SINCE_2_1 = closedObject({
  evacuate: closedObject({ host: host.optional(), onSharedStorage: booleanParameter, adminPass }),
});
const EVACUATE_SINCE_2_14 = closedObject({ evacuate: closedObject({ host: host.optional(), adminPass }) });
const EVACUATE_SINCE_2_29 = closedObject({
  evacuate: closedObject({ host: host.optional(), adminPass, force: booleanParameter.optional() }),
});

export function evacuateSchema(microversion: Microversion): z.ZodType {
  if (supports(microversion, 68)) return EVACUATE_SINCE_2_14;
  if (supports(microversion, 29)) return EVACUATE_SINCE_2_29;
  return supports(microversion, 14) ? EVACUATE_SINCE_2_14 : EVACUATE_SINCE_2_1;
}

const length = z.union([z.int().min(-1), z.string().regex(/^-?[0-9]{1,9}$/), z.null()], {
  error: notOfType('integer', 'string', 'null'),
});
export const CONSOLE_OUTPUT_SCHEMA = closedObject({
  'os-getConsoleOutput': closedObject({ length: length.optional() }),
});

/** The group's name. */
export const securityGroupSchema = (action: 'addSecurityGroup' | 'removeSecurityGroup'): z.ZodType<string> =>
  closedObject({ [action]: closedObject({ name: boundedString({ charactersMin: 1, charactersMax: 255 }) }) }).transform(
    (body) => body[action]?.name ?? '',
  );
