import type { z } from 'zod';
import type { UpdateServer } from '../../../application/server-changes-api.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { supports } from '../supports.ts';
import { closedObject } from './json-schema-types.ts';
import { resourceName } from './resource-name.ts';
import { DETAILS, detailsOf } from './server-details-schema.ts';

const name = resourceName.optional();
const { description, hostname, ...detailsSince1 } = DETAILS;

type Given = { readonly name?: string | undefined } & Parameters<typeof detailsOf>[0];

const read = ({ server }: { readonly server: Given }): UpdateServer => ({
  name: server.name ?? null,
  details: detailsOf(server),
});

const SINCE_2_1 = closedObject({ server: closedObject({ name, ...detailsSince1 }) }).transform(read);
const SINCE_2_19 = closedObject({ server: closedObject({ name, ...detailsSince1, description }) }).transform(read);
const SINCE_2_90 = closedObject({
  server: closedObject({ name, ...detailsSince1, description, hostname }),
}).transform(read);

export function updateServerSchema(microversion: Microversion): z.ZodType<UpdateServer> {
  if (supports(microversion, 90)) return SINCE_2_90;
  return supports(microversion, 19) ? SINCE_2_19 : SINCE_2_1;
}
