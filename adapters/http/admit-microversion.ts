import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  MAXIMUM_MICROVERSION,
  MINIMUM_MICROVERSION,
  type Microversion,
} from '../../domain/service-version/microversion.ts';
import { impossible } from '../../domain/shared/impossible.ts';
import { badRequest, fault, type HttpAnswer } from './http-answer.ts';
import { microversionHeaders, negotiateMicroversion, textOf } from './microversion-header.ts';

type Negotiated =
  | { readonly answer: 'admitted'; readonly microversion: Microversion }
  | { readonly answer: 'refused'; readonly with: HttpAnswer };

/** Writes the version headers: of the version served, or of the one that was asked for and is not served (A.3). */
export function admitMicroversion(request: FastifyRequest, reply: FastifyReply): Negotiated {
  const negotiation = negotiateMicroversion(request.headers);
  switch (negotiation.answer) {
    case 'malformed':
      return { answer: 'refused', with: badRequest(malformedVersion(negotiation.requested)) };
    case 'outOfRange':
      reply.headers(microversionHeaders(negotiation.requested));
      return { answer: 'refused', with: fault(406, unsupportedVersion(negotiation.requested)) };
    case 'negotiated':
      reply.headers(microversionHeaders(textOf(negotiation.microversion)));
      return { answer: 'admitted', microversion: negotiation.microversion };
    default:
      return impossible(negotiation, 'admitMicroversion');
  }
}

const malformedVersion = (requested: string): string =>
  `API Version String ${requested} is of invalid format. Must be of format MajorNum.MinorNum.`;

const unsupportedVersion = (requested: string): string =>
  `Version ${requested} is not supported by the API. ` +
  `Minimum is ${textOf(MINIMUM_MICROVERSION)} and maximum is ${textOf(MAXIMUM_MICROVERSION)}.`;
