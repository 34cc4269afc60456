import type { Network } from '../../application/ports/networks.ts';
import { NETWORK_INTERFACES_MAX } from '../../domain/instance/network-interface.ts';
import { badRequest, fault, type HttpAnswer } from './http-answer.ts';
import { CONFLICT } from './status-codes.ts';
import type { WantedNetworks } from './schemas/create-server-schema.ts';

export type GivenNetworks =
  | { readonly answer: 'given'; readonly networkIds: readonly string[] }
  | { readonly answer: 'refused'; readonly with: HttpAnswer };

/** The networks of a new server, from what the client asks for and what there is. Messages are Nova's where it has one. */
export function networksFor(wanted: WantedNetworks, known: readonly Network[]): GivenNetworks {
  if (wanted === 'none') return { answer: 'given', networkIds: [] };
  if (known.length === 0) {
    return refused(badRequest(`Networking is not available in this release: 'networks' can only be 'none'.`));
  }
  if (wanted === 'other') {
    return refused(badRequest(`Each of 'networks' can only be the 'uuid' of a network in this release.`));
  }
  if (wanted === 'auto') {
    const [only, another] = known;
    return only === undefined || another !== undefined
      ? refused(fault(CONFLICT, 'Multiple possible networks found, use a Network ID to be more specific.'))
      : { answer: 'given', networkIds: [only.id] };
  }
  const unknown = wanted.find((id) => known.every((network) => network.id !== id));
  if (unknown !== undefined) return refused(badRequest(`Network ${unknown} could not be found.`));
  return wanted.length <= NETWORK_INTERFACES_MAX
    ? { answer: 'given', networkIds: wanted }
    : refused(badRequest(`A server can have at most ${NETWORK_INTERFACES_MAX} interfaces.`));
}

const refused = (answer: HttpAnswer): GivenNetworks => ({ answer: 'refused', with: answer });
