import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import { z } from 'zod';

/** The raw peer: fastify without anything of ours, whose routes send bytes that were made before. */
const answers = z.array(
  z.object({
    method: z.enum(['GET', 'POST']),
    path: z.string(),
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.base64(),
  }),
);

const server = fastify();
for (const answer of answers.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))) {
  const { method, path, status, headers } = answer;
  const body = Buffer.from(answer.body, 'base64');
  server.route({ method, url: path, handler: (_request, reply) => reply.code(status).headers(headers).send(body) });
}
console.log(JSON.stringify({ url: await server.listen({ host: '127.0.0.1', port: 0 }) }));
