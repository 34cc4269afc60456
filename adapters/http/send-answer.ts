import type { FastifyReply } from 'fastify';
import type { HttpAnswer } from './http-answer.ts';

/** Bytes, so that nobody adds a character set to Nova's content types. */
export function sendAnswer(reply: FastifyReply, { status, body, contentType, headers }: HttpAnswer): FastifyReply {
  reply.code(status).headers(headers);
  if (status === 204) {
    // The framework takes the type off an answer without a body; Nova leaves it on.
    reply.raw.setHeader('content-type', contentType);
    return reply.send();
  }
  return reply.header('content-type', contentType).send(bytesOf(body));
}

function bytesOf(body: HttpAnswer['body']): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(body === null ? '' : JSON.stringify(body));
}
