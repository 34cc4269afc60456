import { z } from 'zod';
import { boundedString, closedObject, uuidString } from './json-schema-types.ts';

/** An empty body is one without a wish: any network will do. */
export const INTERFACE_SCHEMA = closedObject({
  interfaceAttachment: closedObject({
    net_id: uuidString.optional(),
    port_id: uuidString.optional(),
    fixed_ips: z.array(z.unknown()).max(1).optional(),
    tag: boundedString({ charactersMin: 1, charactersMax: 60 }).optional(),
  }).optional(),
});

export const VOLUME_ATTACHMENT_SCHEMA = closedObject({
  volumeAttachment: closedObject({
    volumeId: uuidString,
    device: boundedString({ charactersMax: 255, types: ['string', 'null'] })
      .nullable()
      .optional(),
    tag: boundedString({ charactersMin: 1, charactersMax: 60 }).optional(),
    delete_on_termination: z.boolean().optional(),
  }),
});

export const VOLUME_SWAP_SCHEMA = closedObject({
  volumeAttachment: z.looseObject({ volumeId: uuidString }),
});
