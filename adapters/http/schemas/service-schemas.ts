import type { z } from 'zod';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { supports } from '../supports.ts';
import { booleanParameter, boundedString, closedObject, oneOf } from './json-schema-types.ts';

export type ServiceByHost = {
  readonly host: string;
  readonly binary: string;
  readonly disabledReason: string | null;
  readonly forcedDown: boolean | null;
};

const host = boundedString({ charactersMin: 1, charactersMax: 255, pattern: /^[a-zA-Z0-9-._]*$/ });
const binary = boundedString({ charactersMin: 1, charactersMax: 255 });
const reason = boundedString({ charactersMin: 1, charactersMax: 255 }).optional();

const SINCE_2_1: z.ZodType<ServiceByHost> = closedObject({ host, binary, disabled_reason: reason }).transform(
  (body) => ({
    host: body.host,
    binary: body.binary,
    disabledReason: body.disabled_reason ?? null,
    forcedDown: null,
  }),
);

const SINCE_2_11: z.ZodType<ServiceByHost> = closedObject({
  host,
  binary,
  disabled_reason: reason,
  forced_down: booleanParameter.optional(),
}).transform((body) => ({
  host: body.host,
  binary: body.binary,
  disabledReason: body.disabled_reason ?? null,
  forcedDown: body.forced_down ?? null,
}));

/** `PUT /os-services/{action}`, until 2.52. */
export const serviceByHostSchema = (microversion: Microversion): z.ZodType<ServiceByHost> =>
  supports(microversion, 11) ? SINCE_2_11 : SINCE_2_1;

export type ServiceById = {
  readonly status: 'enabled' | 'disabled' | null;
  readonly disabledReason: string | null;
  readonly forcedDown: boolean | null;
};

/** `PUT /os-services/{id}`, since 2.53. */
export const SERVICE_BY_ID_SCHEMA: z.ZodType<ServiceById> = closedObject({
  status: oneOf(['enabled', 'disabled']).optional(),
  disabled_reason: reason,
  forced_down: booleanParameter.optional(),
}).transform((body) => ({
  status: body.status ?? null,
  disabledReason: body.disabled_reason ?? null,
  forcedDown: body.forced_down ?? null,
}));
