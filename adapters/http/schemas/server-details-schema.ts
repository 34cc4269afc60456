import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { InstanceDetails } from '../../../domain/instance/instance-details.ts';
import { pythonRepr } from '../python-repr.ts';
import { boundedString, notOfType, oneOf } from './json-schema-types.ts';

const DESCRIPTION_CHARACTERS_MAX = 255;
const HOSTNAME = /^[a-zA-Z0-9-]{1,63}$/;

const addressOf = (family: 'ipv4' | 'ipv6', is: (text: string) => boolean) =>
  z
    .string({ error: notOfType('string') })
    .refine(is, { error: ({ input }) => `${pythonRepr(input)} is not a '${family}'` })
    .optional();

/** What can be written about a server, at its creation, its rebuild and at any time. */
export const DETAILS = {
  'OS-DCF:diskConfig': oneOf(['AUTO', 'MANUAL']).optional(),
  accessIPv4: addressOf('ipv4', isIPv4),
  accessIPv6: addressOf('ipv6', isIPv6),
  description: boundedString({ charactersMax: DESCRIPTION_CHARACTERS_MAX, types: ['string', 'null'] })
    .nullable()
    .optional(),
  hostname: boundedString({ charactersMin: 1, charactersMax: 63, pattern: HOSTNAME, types: ['string', 'null'] })
    .nullable()
    .optional(),
};

type Given = {
  readonly 'OS-DCF:diskConfig'?: 'AUTO' | 'MANUAL' | undefined;
  readonly accessIPv4?: string | undefined;
  readonly accessIPv6?: string | undefined;
  readonly description?: string | null | undefined;
  readonly hostname?: string | null | undefined;
};

/** As RFC 5952 writes it, and so Nova. A zone index has no place in such an address. */
function shortened(address: string): string {
  const [digits = ''] = address.split('%');
  return new URL(`http://[${digits}]`).hostname.slice(1, -1);
}

/** Only what was given. */
export function detailsOf(given: Given): Partial<InstanceDetails> {
  const { accessIPv4, accessIPv6, description, hostname, 'OS-DCF:diskConfig': diskConfig } = given;
  return {
    ...(diskConfig === undefined ? {} : { diskConfig }),
    ...(accessIPv4 === undefined ? {} : { accessIpV4: accessIPv4 }),
    ...(accessIPv6 === undefined ? {} : { accessIpV6: shortened(accessIPv6) }),
    ...(description === undefined ? {} : { description }),
    ...(hostname === undefined ? {} : { hostname }),
  };
}
