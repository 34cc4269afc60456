import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComputeApiWorld } from '../../support/compute-api-world.ts';

let world: ComputeApiWorld;
let port: number;
beforeEach(async () => {
  world = new ComputeApiWorld();
  port = Number(new URL(await world.server.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterEach(() => world.close());

/** Everything the server says until it closes, or until `enough` is in it. */
async function conversation(
  sent: string,
  enough: string,
): Promise<{ readonly heard: string; readonly socket: Socket }> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(sent);
  let heard = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    heard += String(chunk);
    if (heard.includes(enough)) break;
  }
  return { heard, socket };
}

const REQUEST = 'GET /v2.1/servers HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Roles: admin\r\n\r\n';
const NEVER = '\u0000 the end';

describe('a connection', () => {
  it('stays open after an answer and serves the next request, each with its own length', async () => {
    const { heard, socket } = await conversation(`${REQUEST}${REQUEST}`, '{"servers":[]}HTTP/1.1 200 OK');
    expect(heard).toContain('content-length: 14\r\n');
    expect(heard.toLowerCase()).not.toContain('connection: close');
    socket.destroy();
  });

  it('sends the two Vary headers as two', async () => {
    const { heard, socket } = await conversation(REQUEST, '{"servers":[]}');
    expect(heard.match(/^vary: /gim)).toHaveLength(2);
    socket.destroy();
  });

  it('is announced to be closed when a body is too large to be read', async () => {
    const head = `POST /v2.1/servers HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Roles: admin\r\nContent-Length: 9999999\r\n\r\n{`;
    const { heard, socket } = await conversation(head, '"Request Entity Too Large"');
    expect(heard).toContain('HTTP/1.1 413');
    expect(heard.toLowerCase()).toContain('connection: close');
    socket.destroy();
  });

  it.each(['\u0016\u0003\u0001 not HTTP at all\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`])(
    'is answered and closed when no request can be read from it',
    async (sent) => {
      const { heard } = await conversation(sent, NEVER);
      expect(heard).toContain('HTTP/1.1 400');
      expect(heard).toContain('Connection: close');
      expect((await world.call('GET', '/v2.1/servers')).statusCode).toBe(200);
    },
  );

  it('that is idle does not hold up the end of the server', async () => {
    const { socket } = await conversation(REQUEST, '{"servers":[]}');
    await world.server.close();
    expect(socket.destroyed || socket.readableEnded || (await ended(socket))).toBe(true);
  });
});

const ended = (socket: Socket): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve(true));
    socket.resume();
  });
