import { z } from 'zod';
import { pythonRepr } from '../python-repr.ts';
import { closedObject } from './json-schema-types.ts';

const word = (yes: string, no: string) =>
  z
    .string()
    .transform((text) => text.trim().toLowerCase())
    .refine((text) => text === yes || text === no, {
      error: ({ input }) => `${pythonRepr(input)} is not one of ['${yes}', '${no}']`,
    })
    .transform((text) => text === yes)
    .optional();

export type HostUpdate = { readonly enabled: boolean | null; readonly maintenance: boolean | null };

/** `PUT /os-hosts/{name}`: at least one of the two. */
export const HOST_UPDATE_SCHEMA: z.ZodType<HostUpdate> = closedObject({
  status: word('enable', 'disable'),
  maintenance_mode: word('enable', 'disable'),
})
  .refine((body) => Object.keys(body).length > 0, { error: '{} does not have enough properties' })
  .transform(({ status, maintenance_mode: maintenance }) => ({
    enabled: status ?? null,
    maintenance: maintenance ?? null,
  }));
