import { z } from 'zod';
import { SERVER_GROUP_POLICIES } from '../../domain/server-group/server-group.ts';
import { flavorSnapshot, initiator, instant, serverGroupId, userId, type ObjectSchema } from './event-vocabulary.ts';

const at = instant;
const extraSpecs = z.record(z.string(), z.string());
const description = z.string().nullable();

/** The stored form of each event of key pairs, server groups, flavors and views, in its current version. */
export const catalogueEventSchemas = (object: ObjectSchema) => ({
  KeyPairCreated: object({
    type: z.literal('KeyPairCreated'),
    userId,
    name: z.string(),
    keyType: z.enum(['ssh', 'x509']),
    publicKey: z.string(),
    fingerprint: z.string(),
    at,
  }),
  KeyPairDeleted: object({ type: z.literal('KeyPairDeleted'), at }),
  ServerGroupCreated: object({
    type: z.literal('ServerGroupCreated'),
    serverGroupId,
    name: z.string(),
    policy: z.enum(SERVER_GROUP_POLICIES),
    maxServerPerHost: z.int().nullable(),
    initiator: initiator(object),
    at,
  }),
  ServerGroupDeleted: object({ type: z.literal('ServerGroupDeleted'), at }),
  FlavorCreated: object({
    type: z.literal('FlavorCreated'),
    flavor: flavorSnapshot(object),
    description,
    extraSpecs,
    isPublic: z.boolean(),
    at,
  }),
  FlavorDescribed: object({ type: z.literal('FlavorDescribed'), description, at }),
  FlavorExtraSpecsReplaced: object({ type: z.literal('FlavorExtraSpecsReplaced'), extraSpecs, at }),
  FlavorDeleted: object({ type: z.literal('FlavorDeleted'), at }),
  PoisonEventSkipped: object({
    type: z.literal('PoisonEventSkipped'),
    eventId: z.string(),
    reason: z.string(),
    at,
  }),
  ViewRetryRequested: object({ type: z.literal('ViewRetryRequested'), at }),
  ViewRebuildRequested: object({ type: z.literal('ViewRebuildRequested'), at }),
});
