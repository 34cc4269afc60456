import { randomBytes } from 'node:crypto';

import { beforeEach, describe, expect, it } from 'vitest';

import type { LibvirtConnection } from '../../../adapters/libvirt/rpc/libvirt-connection.ts';
import { CONNECT_GET_HOSTNAME } from '../../../adapters/libvirt/rpc/procedures.ts';
import { STORAGE_VOL_UPLOAD } from '../../../adapters/libvirt/rpc/storage-procedures.ts';
import { xdr } from '../../support/libvirt-protocol-server.ts';
import type { ReceivedFrame } from '../../support/libvirt-protocol-server.ts';
import { LONG, protocolServerFixture } from './protocol-server-fixture.ts';

const SHORT = { deadlineMs: 300 };
const FRAME_DATA_BYTES = 262_120;
/** Our own windows, the socket's buffers and the chunk in hand: far below what an unbounded side would move. */
const STALLED_BYTES_MAX = 8_388_608;
const ARGS = { volume: { pool: 'p', name: 'v', key: '/p/v' }, offset: 0n, length: 0n, flags: 0 };
const CONTINUE = 2;

const { server, connected } = protocolServerFixture();
let connection: LibvirtConnection;

beforeEach(async () => {
  server().on(CONNECT_GET_HOSTNAME, (call, peer) => peer.reply(call, xdr(CONNECT_GET_HOSTNAME.reply, 'alive')));
  connection = await connected();
});

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

async function* tenBytesThenFailure(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(10);
  throw new Error('the image service went away');
}

const streamFrames = (): ReceivedFrame[] => server().frames.filter(({ type }) => type === 3);
const expectAlive = async (): Promise<void> =>
  expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'succeeded' });

/** Agrees to the upload and confirms it when the client says that it is done. */
function acceptUploads(): void {
  server().on(STORAGE_VOL_UPLOAD, (call, peer) => {
    peer.reply(call);
    void server()
      .received(({ type, status, serial }) => type === 3 && status === 0 && serial === call.serial)
      .then(() => peer.streamFinished(call));
  });
}

describe('uploading', () => {
  it.each([
    ['nothing at all', 0, 1],
    ['single bytes', 3_000, 1],
    ['chunks of the size of a frame', 1_000_000, FRAME_DATA_BYTES],
    ['chunks larger than a frame', 1_000_000, 700_000],
    ['chunks around the size that is still copied', 1_000_000, 16_385],
    ['small chunks between the frames', 600_000, 1_000],
  ])('sends %s in full frames and waits for the confirmation', async (_what, total, size) => {
    acceptUploads();
    const bytes = randomBytes(total);
    const result = await connection.upload(STORAGE_VOL_UPLOAD, ARGS, chunksOf(bytes, size), LONG);
    expect(result).toEqual({ outcome: 'succeeded', value: { bytes: total } });
    const data = streamFrames().filter(({ status }) => status === CONTINUE);
    expect(Buffer.concat(data.map(({ payload }) => payload)).equals(bytes)).toBe(true);
    expect(data.slice(0, -1).every(({ payload }) => payload.length === FRAME_DATA_BYTES)).toBe(true);
    expect(data.length).toBe(Math.ceil(total / FRAME_DATA_BYTES));
  });

  it('mixes copied and referenced chunks without losing their order', async () => {
    acceptUploads();
    const bytes = randomBytes(900_000);
    async function* mixed(): AsyncGenerator<Buffer> {
      for (let offset = 0, turn = 0; offset < bytes.length; turn += 1) {
        const size = [10, 40_000, 500, 16_384, 90_000][turn % 5] ?? 1;
        yield bytes.subarray(offset, offset + size);
        offset += size;
      }
    }
    expect(await connection.upload(STORAGE_VOL_UPLOAD, ARGS, mixed(), LONG)).toMatchObject({ outcome: 'succeeded' });
    const data = Buffer.concat(streamFrames().map(({ payload }) => payload));
    expect(data.equals(bytes)).toBe(true);
  });

  it('does not run ahead of a server that stops reading, and is unknown at the deadline', async () => {
    server().on(STORAGE_VOL_UPLOAD, (call, peer) => {
      peer.reply(call);
      peer.socket.pause();
    });
    let pulled = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) {
          pulled += 65_536;
          yield Buffer.alloc(65_536);
        }
      } finally {
        closed = true;
      }
    }
    const result = await connection.upload(STORAGE_VOL_UPLOAD, ARGS, endless(), SHORT);
    expect(result).toMatchObject({ outcome: 'unknown' });
    expect(pulled).toBeLessThan(STALLED_BYTES_MAX);
    expect(closed).toBe(true);
  });

  it('stops reading its source when the server reports an error in the middle', async () => {
    server().on(STORAGE_VOL_UPLOAD, (call, peer) => {
      peer.reply(call);
      void server()
        .received(({ type }) => type === 3)
        .then(() => peer.streamError(call, 38, 'No space left on device'));
    });
    let closed = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.alloc(FRAME_DATA_BYTES);
      } finally {
        closed = true;
      }
    }
    const result = await connection.upload(STORAGE_VOL_UPLOAD, ARGS, endless(), LONG);
    expect(result).toMatchObject({ outcome: 'failed', error: { kind: 'server', name: 'VIR_ERR_SYSTEM_ERROR' } });
    expect(closed).toBe(true);
    await expectAlive();
  });

  it('aborts the stream on the server when its source fails', async () => {
    server().on(STORAGE_VOL_UPLOAD, (call, peer) => peer.reply(call));
    const result = await connection.upload(STORAGE_VOL_UPLOAD, ARGS, tenBytesThenFailure(), LONG);
    expect(result).toEqual({
      outcome: 'failed',
      error: { kind: 'aborted', name: 'SOURCE_FAILED', message: 'the image service went away' },
    });
    expect(await server().received(({ type }) => type === 3)).toMatchObject({ status: 1 });
    await expectAlive();
  });

  it('is not held up by a source that never answers', async () => {
    server().on(STORAGE_VOL_UPLOAD, (call, peer) => peer.reply(call));
    const stuck = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    expect(await connection.upload(STORAGE_VOL_UPLOAD, ARGS, stuck, SHORT)).toMatchObject({ outcome: 'unknown' });
  });

  it('does not touch its source when the server refuses the stream', async () => {
    server().on(STORAGE_VOL_UPLOAD, (call, peer) => peer.replyError(call, 50, 'no such volume'));
    let pulled = 0;
    async function* source(): AsyncGenerator<Buffer> {
      pulled += 1;
      yield Buffer.alloc(1);
    }
    const result = await connection.upload(STORAGE_VOL_UPLOAD, ARGS, source(), LONG);
    expect(result).toMatchObject({ outcome: 'failed', error: { name: 'VIR_ERR_NO_STORAGE_VOL' } });
    expect(pulled).toBe(0);
  });

  it('is unknown when the connection is cut before the confirmation', async () => {
    server().on(STORAGE_VOL_UPLOAD, (call, peer) => {
      peer.reply(call);
      void server()
        .received(({ type, status }) => type === 3 && status === 0)
        .then(() => peer.cut());
    });
    const source = chunksOf(randomBytes(1_000), 100);
    expect(await connection.upload(STORAGE_VOL_UPLOAD, ARGS, source, LONG)).toMatchObject({ outcome: 'unknown' });
  });
});
