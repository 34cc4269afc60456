import { createHash, randomBytes } from 'node:crypto';

import { expect, describe, it, beforeEach } from 'vitest';

import type { LibvirtConnection } from '../../../adapters/libvirt/rpc/libvirt-connection.ts';
import { STORAGE_VOL_DOWNLOAD, STORAGE_VOL_UPLOAD } from '../../../adapters/libvirt/rpc/storage-procedures.ts';
import type { ProtocolPeer, ReceivedFrame } from '../../support/libvirt-protocol-server.ts';
import { LONG, protocolServerFixture } from './protocol-server-fixture.ts';

const ARGS = { volume: { pool: 'p', name: 'v', key: '/p/v' }, offset: 0n, length: 0n, flags: 1 };
const REMOTE = 0x2000_8086;
const [STREAM, HOLE] = [3, 6];
const [OK, CONTINUE] = [0, 2];
const MIB = 1024 * 1024;

const { server, connected } = protocolServerFixture();
let connection: LibvirtConnection;

beforeEach(async () => {
  connection = await connected();
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function sendHole(call: ReceivedFrame, peer: ProtocolPeer, bytes: bigint): void {
  const payload = Buffer.alloc(12);
  payload.writeBigUInt64BE(bytes, 0);
  peer.frame(REMOTE, call, [HOLE, CONTINUE], payload);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** What the server's file would be, from the frames it received. */
function written(): Buffer {
  const parts = server().frames.flatMap(({ type, payload }) => {
    if (type === HOLE) return [Buffer.alloc(Number(payload.readBigUInt64BE(0)))];
    return type === STREAM ? [payload] : [];
  });
  return Buffer.concat(parts);
}

function acceptUploads(): void {
  server().on(STORAGE_VOL_UPLOAD, (call, peer) => {
    peer.reply(call);
    void server()
      .received(({ type, status, serial }) => type === STREAM && status === OK && serial === call.serial)
      .then(() => peer.streamFinished(call));
  });
}

describe('a sparse transfer', () => {
  it('reads holes as zeros, also one that comes before the reply and one larger than memory would be', async () => {
    const data = randomBytes(300_000);
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => {
      sendHole(call, peer, BigInt(5 * MIB + 3));
      peer.reply(call);
      peer.streamData(call, data.subarray(0, 200_000));
      peer.streamData(call, data.subarray(200_000));
      sendHole(call, peer, BigInt(3 * MIB));
      peer.streamData(call, Buffer.alloc(0));
      void server()
        .received(({ type, status }) => type === STREAM && status === OK)
        .then(() => peer.streamFinished(call));
    });
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    const chunks: Uint8Array[] = [];
    for await (const chunk of download) chunks.push(chunk);
    const expected = Buffer.concat([Buffer.alloc(5 * MIB + 3), data, Buffer.alloc(3 * MIB)]);
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(expected));
    expect(await download.outcome).toEqual({ outcome: 'succeeded', value: { bytes: expected.length } });
  });

  it.each([
    ['in the middle', Buffer.concat([randomBytes(MIB), Buffer.alloc(8 * MIB), randomBytes(70_000)])],
    ['at both ends', Buffer.concat([Buffer.alloc(MIB), randomBytes(10), Buffer.alloc(2 * MIB + 5)])],
    ['and nothing else', Buffer.alloc(3 * MIB)],
  ])('sends no zeros %s, and every other byte in its place', async (_where, content) => {
    acceptUploads();
    const result = await connection.upload(STORAGE_VOL_UPLOAD, ARGS, once(content), { ...LONG, sparse: true });
    expect(result).toEqual({ outcome: 'succeeded', value: { bytes: content.length } });
    expect(sha256(written())).toBe(sha256(content));
    const sent = server().frames.reduce((sum, { type, payload }) => sum + (type === STREAM ? payload.length : 0), 0);
    expect(sent).toBeLessThan(1.2 * MIB);
  });

  it('sends zeros as they are when it was not asked to be sparse', async () => {
    acceptUploads();
    const content = Buffer.alloc(2 * MIB);
    await connection.upload(STORAGE_VOL_UPLOAD, ARGS, once(content), LONG);
    expect(server().frames.some(({ type }) => type === HOLE)).toBe(false);
    expect(written().length).toBe(content.length);
  });

  it('takes a hole that is torn for a violation of the protocol', async () => {
    server().on(STORAGE_VOL_DOWNLOAD, (call, peer) => {
      peer.reply(call);
      peer.frame(REMOTE, call, [HOLE, CONTINUE], Buffer.alloc(5));
    });
    const download = connection.download(STORAGE_VOL_DOWNLOAD, ARGS, LONG);
    expect(await download.outcome).toMatchObject({ outcome: 'unknown' });
    expect(connection.isOpen).toBe(false);
  });
});
