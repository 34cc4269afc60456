import { int32, struct, text } from './codec.ts';
import type { Codec } from './codec.ts';
import { XdrError } from './xdr.ts';

const UUID_BYTES = 16;
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** libvirt's handle of a domain. `uuid` is canonical lower-case text; `id` is -1 while the domain is not running. */
export interface RemoteDomain {
  readonly name: string;
  readonly uuid: string;
  readonly id: number;
}

/** libvirt's handle of a storage pool. */
export interface RemoteStoragePool {
  readonly name: string;
  readonly uuid: string;
}

/** libvirt's handle of a volume; `pool` is the pool's name, `key` the absolute path for directory pools. */
export interface RemoteStorageVolume {
  readonly pool: string;
  readonly name: string;
  readonly key: string;
}

/** 16 bytes on the wire, canonical text here. */
export const uuidCodec: Codec<string> = {
  encode: (writer, value) => {
    if (!UUID_TEXT.test(value)) throw new XdrError('not a UUID in canonical text form');
    writer.fixedOpaque(Buffer.from(value.replaceAll('-', ''), 'hex'));
  },
  decode: (reader) => {
    const digits = Buffer.from(reader.fixedOpaque(UUID_BYTES)).toString('hex');
    return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
      '-',
    );
  },
};

export const domainCodec: Codec<RemoteDomain> = struct({ name: text, uuid: uuidCodec, id: int32 });

export const storagePoolCodec: Codec<RemoteStoragePool> = struct({ name: text, uuid: uuidCodec });

export const storageVolumeCodec: Codec<RemoteStorageVolume> = struct({ pool: text, name: text, key: text });
