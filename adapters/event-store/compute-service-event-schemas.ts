import { z } from 'zod';
import { computeServiceId, hostName, instant, type ObjectSchema, serviceVersion } from './event-vocabulary.ts';

/** The stored form of each ComputeServiceEvent, in its current version. */
export const computeServiceEventSchemas = (object: ObjectSchema) => ({
  ComputeServiceRegistered: object({
    type: z.literal('ComputeServiceRegistered'),
    serviceId: computeServiceId,
    host: hostName,
    version: serviceVersion,
    at,
  }),
  ComputeServiceUpgraded: object({ type: z.literal('ComputeServiceUpgraded'), version: serviceVersion, at }),
  ComputeServiceWentDown: object({ type: z.literal('ComputeServiceWentDown'), reason: z.string(), at }),
  ComputeServiceCameUp: object({ type: z.literal('ComputeServiceCameUp'), at }),
  ComputeServiceDisabled: object({ type: z.literal('ComputeServiceDisabled'), reason: z.string().nullable(), at }),
  ComputeServiceEnabled: object({ type: z.literal('ComputeServiceEnabled'), at }),
  ComputeServiceForcedDown: object({ type: z.literal('ComputeServiceForcedDown'), at }),
  ComputeServiceForcedDownCleared: object({ type: z.literal('ComputeServiceForcedDownCleared'), at }),
  ComputeServiceRetired: object({ type: z.literal('ComputeServiceRetired'), at }),
});

const at = instant;
