import { z } from 'zod';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { supports } from '../supports.ts';
import { boundedString, closedObject, notOfType, oneOf, uuidString } from './json-schema-types.ts';

export type ExternalEvent = {
  readonly name: string;
  readonly server_uuid: string;
  readonly status: 'failed' | 'completed' | 'in-progress';
  readonly tag?: string | undefined;
};

const EVENTS_MAX = 1000;

const schemaFor = (names: readonly string[]): z.ZodType<readonly ExternalEvent[]> =>
  closedObject({
    events: z
      .array(
        closedObject({
          name: oneOf(names),
          server_uuid: uuidString,
          status: oneOf(['failed', 'completed', 'in-progress']).default('completed'),
          tag: boundedString({ charactersMax: 255 }).optional(),
        }),
        { error: notOfType('array') },
      )
      .min(1, { error: '[] is too short' })
      .max(EVENTS_MAX, { error: 'too many events' }),
  }).transform(({ events }) => events);

const NAMES = ['network-changed', 'network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted'];
const SINCE_2_1 = schemaFor(NAMES);
const SINCE_2_51 = schemaFor([...NAMES, 'volume-extended']);
const SINCE_2_76 = schemaFor([...NAMES, 'volume-extended', 'power-update']);
const SINCE_2_82 = schemaFor([...NAMES, 'volume-extended', 'power-update', 'accelerator-request-bound']);
const SINCE_2_93 = schemaFor([
  ...NAMES,
  'volume-extended',
  'power-update',
  'accelerator-request-bound',
  'volume-reimaged',
]);

export function externalEventsSchema(microversion: Microversion): z.ZodType<readonly ExternalEvent[]> {
  if (supports(microversion, 93)) return SINCE_2_93;
  if (supports(microversion, 82)) return SINCE_2_82;
  if (supports(microversion, 76)) return SINCE_2_76;
  return supports(microversion, 51) ? SINCE_2_51 : SINCE_2_1;
}
