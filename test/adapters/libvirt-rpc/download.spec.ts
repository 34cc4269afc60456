import { createHash, randomBytes } from 'node:crypto';

import { beforeEach, describe, expect, it } from 'vitest';

import { DownloadInterrupted } from '../../../adapters/libvirt/rpc/download-stream.ts';
import type { LibvirtConnection } from '../../../adapters/libvirt/rpc/libvirt-connection.ts';
import { CONNECT_GET_HOSTNAME } from '../../../adapters/libvirt/rpc/procedures.ts';
import { STORAGE_VOL_DOWNLOAD } from '../../../adapters/libvirt/rpc/storage-procedures.ts';
import { xdr } from '../../support/libvirt-protocol-server.ts';
import type { ProtocolPeer, ReceivedFrame } from '../../support/libvirt-protocol-server.ts';
import { LONG, protocolServerFixture } from './protocol-server-fixture.ts';

const SHORT = { deadlineMs: 300 };
const FRAME_DATA_BYTES = 262_120;
/** Our own windows, the socket's buffers and the chunk in hand: far below what an unbounded side would move. */
const STALLED_BYTES_MAX = 8_388_608;
const ARGS = { volume: { pool: 'p', name: 'v', key: '/p/v' }, offset: 0n, length: 0n, flags: 0 };

const { server, connected } = protocolServerFixture();
let connection: LibvirtConnection;

beforeEach(async () => {
  server().on(CONNECT_GET_HOSTNAME, (call, peer) => peer.reply(call, xdr(CONNECT_GET_HOSTNAME.reply, 'alive')));
  connection = await connected();
});

async function readAll(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const expectAlive = async (): Promise<void> =>
  expect(await connection.call(CONNECT_GET_HOSTNAME, null, LONG)).toMatchObject({ outcome: 'succeeded' });

/** Sends the data as fast as the client takes them, the end mark, and the confirmation once the client is done. */
async function serveDownload(call: ReceivedFrame, peer: ProtocolPeer, data: Buffer): Promise<void> {
  peer.reply(call);
  for (let offset = 0; offset < data.length && !peer.socket.destroyed; offset += FRAME_DATA_BYTES) {
    peer.streamData(call, data.subarray(offset, offset + FRAME_DATA_BYTES));
    if (peer.socket.writableNeedDrain) await new Promise((resolve) => peer.socket.once('drain', resolve));
  }
  peer.streamData(call, Buffer.alloc(0));
  await server().received(({ type, status, serial }) => type === 3 && status === 0 && serial === call.serial);
  peer.streamFinished(call);
}

describe('downloading', () => {
  it('delivers every byte in order to a slow consumer', async () => {
    const bytes = randomBytes(6_000_000);
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => void serveDownload(call, peer, bytes));
    const hash = createHash('sha256');
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    for await (const chunk of download) {
      hash.update(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(await download.outcome).toEqual({ outcome: 'succeeded', value: { bytes: bytes.length } });
    await expectAlive();
  });

  it('keeps what the server sends before it answers the call', async () => {
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => {
      peer.streamData(call, Buffer.from('early '));
      void serveDownload(call, peer, Buffer.from('and late'));
    });
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    expect((await readAll(download)).toString()).toBe('early and late');
    await expectAlive();
  });

  it('stops reading while nobody consumes, and is unknown at the deadline', async () => {
    let sent = 0;
    const flood = async (call: ReceivedFrame, peer: ProtocolPeer): Promise<void> => {
      peer.reply(call);
      const block = Buffer.alloc(FRAME_DATA_BYTES);
      while (!peer.socket.destroyed && sent < STALLED_BYTES_MAX) {
        peer.streamData(call, block);
        if (peer.socket.writableNeedDrain) await new Promise((resolve) => peer.socket.once('drain', resolve));
        sent += block.length;
      }
    };
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => void flood(call, peer));
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, SHORT);
    const sentBefore = download.outcome.then(() => sent);
    expect(await download.outcome).toMatchObject({ outcome: 'unknown' });
    expect(await sentBefore).toBeLessThan(STALLED_BYTES_MAX);
    await expectAlive();
  });

  it('throws out of the iteration when the server fails in the middle, so that a part is never taken for the whole', async () => {
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => {
      peer.reply(call);
      peer.streamData(call, Buffer.alloc(100));
      peer.streamError(call, 38, 'Input/output error');
    });
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    await expect(readAll(download)).rejects.toThrow(DownloadInterrupted);
    expect(await download.outcome).toMatchObject({ outcome: 'failed', error: { message: 'Input/output error' } });
  });

  it('aborts the stream on the server when the consumer leaves, and drops what still arrives', async () => {
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => {
      peer.reply(call);
      peer.streamData(call, Buffer.alloc(100));
      void server()
        .received(({ type }) => type === 3)
        .then(() => {
          peer.streamData(call, Buffer.alloc(100));
          peer.streamError(call, 39, 'stream aborted at client request');
        });
    });
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    for await (const chunk of download) {
      expect(chunk.length).toBe(100);
      break;
    }
    expect(await download.outcome).toMatchObject({ outcome: 'failed', error: { name: 'CONSUMER_STOPPED' } });
    expect(await server().received(({ type }) => type === 3)).toMatchObject({ status: 1 });
    await expectAlive();
  });

  it('reports a refused stream both ways', async () => {
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => peer.replyError(call, 50, 'no such volume'));
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    await expect(readAll(download)).rejects.toThrow('no such volume');
    expect(await download.outcome).toMatchObject({ outcome: 'failed', error: { name: 'VIR_ERR_NO_STORAGE_VOL' } });
  });

  it('is unknown when the connection is cut in the middle', async () => {
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => {
      peer.reply(call);
      peer.streamData(call, Buffer.alloc(100));
      peer.socket.end();
    });
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    await expect(readAll(download)).rejects.toThrow(DownloadInterrupted);
    expect(await download.outcome).toMatchObject({ outcome: 'unknown' });
  });

  it('closes the connection when the server confirms what nobody finished', async () => {
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => {
      peer.reply(call);
      peer.streamFinished(call);
    });
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    expect(await download.outcome).toMatchObject({ outcome: 'unknown' });
    expect(connection.isOpen).toBe(false);
  });
});
