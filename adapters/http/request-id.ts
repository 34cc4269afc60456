import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IdSource } from '../../application/ports/id-source.ts';
import { requestId, type RequestId } from '../../domain/shared/ids.ts';

/** Made here and not taken from the client: it names the instance action, so nobody may choose another one's. */
export const newRequestId = (ids: IdSource): RequestId => requestId(`req-${ids.uuid()}`);

export const requestIdOf = ({ id }: FastifyRequest): RequestId => requestId(id);

/** Both names always carry the same value (nova.md A.2). */
export function writeRequestId(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-openstack-request-id', request.id).header('x-compute-request-id', request.id);
}
