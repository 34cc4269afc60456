import { z } from 'zod';
import type { NewServerGroup } from '../../../application/server-groups-api.ts';
import { SERVER_GROUP_POLICIES } from '../../../domain/server-group/server-group.ts';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { pythonRepr } from '../python-repr.ts';
import { supports } from '../supports.ts';
import { closedObject, notOfType, oneOf } from './json-schema-types.ts';
import { resourceName } from './resource-name.ts';

const SERVERS_PER_HOST_CHARACTERS_MAX = 9;

const onePolicy = (allowed: readonly (typeof SERVER_GROUP_POLICIES)[number][]) =>
  z
    .array(oneOf(allowed), { error: notOfType('array') })
    .min(1, { error: ({ input }) => `${pythonRepr(input)} is too short` })
    .max(1, { error: ({ input }) => `${pythonRepr(input)} is too long` });

const withPolicies = (allowed: readonly (typeof SERVER_GROUP_POLICIES)[number][]): z.ZodType<NewServerGroup> =>
  closedObject({ server_group: closedObject({ name: resourceName, policies: onePolicy(allowed) }) }).transform(
    ({ server_group: group }) => ({
      name: group.name,
      policy: group.policies[0] ?? 'affinity',
      maxServerPerHost: null,
    }),
  );

const positive = z.union(
  [
    z.int().min(1),
    z
      .string()
      .max(SERVERS_PER_HOST_CHARACTERS_MAX)
      .regex(/^[1-9][0-9]*$/)
      .transform(Number),
  ],
  { error: notOfType('integer', 'string') },
);

const SINCE_2_1 = withPolicies(['anti-affinity', 'affinity']);
const SINCE_2_15 = withPolicies(SERVER_GROUP_POLICIES);
const SINCE_2_64: z.ZodType<NewServerGroup> = closedObject({
  server_group: closedObject({
    name: resourceName,
    policy: oneOf(SERVER_GROUP_POLICIES),
    rules: closedObject({ max_server_per_host: positive.optional() }).optional(),
  }),
}).transform(({ server_group: group }) => ({
  name: group.name,
  policy: group.policy,
  maxServerPerHost: group.rules?.max_server_per_host ?? null,
}));

/** `POST /os-server-groups`. */
export function serverGroupSchema(microversion: Microversion): z.ZodType<NewServerGroup> {
  if (supports(microversion, 64)) return SINCE_2_64;
  return supports(microversion, 15) ? SINCE_2_15 : SINCE_2_1;
}
