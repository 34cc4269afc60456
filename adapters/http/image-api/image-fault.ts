import type { FastifyReply } from 'fastify';
import { STATUS_CODES } from 'node:http';

/** Glance's fault format: a page, of which clients show the text. */
export function sendImageFault(reply: FastifyReply, status: number, message: string): FastifyReply {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  const page = `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${escaped(message)}<br /><br />\n </body>\n</html>`;
  return reply.code(status).header('content-type', 'text/html; charset=UTF-8').send(Buffer.from(page));
}

/** A message may hold what the client sent. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
