import { flag, int32, mapped, nothing, struct, text, uint32, uint64 } from './codec.ts';
import { listing, listingFlags, onlyName, procedure, xmlAndFlags } from './procedures.ts';
import { storagePoolCodec, storageVolumeCodec } from './remote-objects.ts';

const onlyPool = struct({ pool: storagePoolCodec });
const poolAndFlags = struct({ pool: storagePoolCodec, flags: uint32 });
const onlyVolume = struct({ volume: storageVolumeCodec });
const volumeAndFlags = struct({ volume: storageVolumeCodec, flags: uint32 });
const volumeRange = struct({ volume: storageVolumeCodec, offset: uint64, length: uint64, flags: uint32 });
/** As with every listing, the wire asks whether the list itself is wanted. */
const poolListing = mapped(struct({ pool: storagePoolCodec, needResults: flag, flags: uint32 }), {
  toWire: (args: ReturnType<typeof poolAndFlags.decode>) => ({ ...args, needResults: true }),
  fromWire: ({ pool, flags }) => ({ pool, flags }),
});

export const STORAGE_POOL_CREATE_XML = procedure(76, 'STORAGE_POOL_CREATE_XML', xmlAndFlags, storagePoolCodec);
export const STORAGE_POOL_DEFINE_XML = procedure(77, 'STORAGE_POOL_DEFINE_XML', xmlAndFlags, storagePoolCodec);
/** Removes what the pool lies on: for a directory pool, the empty directory. */
export const STORAGE_POOL_DELETE = procedure(81, 'STORAGE_POOL_DELETE', poolAndFlags, nothing);
export const STORAGE_POOL_UNDEFINE = procedure(82, 'STORAGE_POOL_UNDEFINE', onlyPool, nothing);
export const STORAGE_POOL_DESTROY = procedure(80, 'STORAGE_POOL_DESTROY', onlyPool, nothing);
export const STORAGE_POOL_LOOKUP_BY_NAME = procedure(84, 'STORAGE_POOL_LOOKUP_BY_NAME', onlyName, storagePoolCodec);
const onlyPath = struct({ path: text });
export const STORAGE_POOL_LOOKUP_BY_TARGET_PATH = procedure(
  391,
  'STORAGE_POOL_LOOKUP_BY_TARGET_PATH',
  onlyPath,
  storagePoolCodec,
);
export const STORAGE_POOL_REFRESH = procedure(83, 'STORAGE_POOL_REFRESH', poolAndFlags, nothing);
/** Sizes in bytes; `state` is virStoragePoolState. */
const poolInfo = struct({ state: uint32, capacity: uint64, allocation: uint64, available: uint64 });
export const STORAGE_POOL_GET_INFO = procedure(87, 'STORAGE_POOL_GET_INFO', onlyPool, poolInfo);
export const STORAGE_POOL_GET_XML_DESC = procedure(88, 'STORAGE_POOL_GET_XML_DESC', poolAndFlags, text);
const volumes = listing(storageVolumeCodec);
export const STORAGE_POOL_LIST_ALL_VOLUMES = procedure(282, 'STORAGE_POOL_LIST_ALL_VOLUMES', poolListing, volumes);
const pools = listing(storagePoolCodec);
export const CONNECT_LIST_ALL_STORAGE_POOLS = procedure(281, 'CONNECT_LIST_ALL_STORAGE_POOLS', listingFlags, pools);

const volumeCreate = struct({ pool: storagePoolCodec, xml: text, flags: uint32 });
export const STORAGE_VOL_CREATE_XML = procedure(93, 'STORAGE_VOL_CREATE_XML', volumeCreate, storageVolumeCodec);
const volumeCreateFrom = struct({ pool: storagePoolCodec, xml: text, source: storageVolumeCodec, flags: uint32 });
/** A volume of the pool with the content of another one, which may be of another format and in another pool. */
export const STORAGE_VOL_CREATE_XML_FROM = procedure(
  125,
  'STORAGE_VOL_CREATE_XML_FROM',
  volumeCreateFrom,
  storageVolumeCodec,
);
export const STORAGE_VOL_DELETE = procedure(94, 'STORAGE_VOL_DELETE', volumeAndFlags, nothing);
const poolAndName = struct({ pool: storagePoolCodec, name: text });
export const STORAGE_VOL_LOOKUP_BY_NAME = procedure(95, 'STORAGE_VOL_LOOKUP_BY_NAME', poolAndName, storageVolumeCodec);
/** Sizes in bytes; `type` is virStorageVolType. */
const volumeInfo = struct({ type: int32, capacity: uint64, allocation: uint64 });
export const STORAGE_VOL_GET_INFO = procedure(98, 'STORAGE_VOL_GET_INFO', onlyVolume, volumeInfo);
export const STORAGE_VOL_GET_XML_DESC = procedure(99, 'STORAGE_VOL_GET_XML_DESC', volumeAndFlags, text);
/** With flag 1 (VIR_STORAGE_VOL_GET_PHYSICAL) `allocation` is the size of the file itself, whatever disk is in it. */
export const STORAGE_VOL_GET_INFO_FLAGS = procedure(378, 'STORAGE_VOL_GET_INFO_FLAGS', volumeAndFlags, volumeInfo);
/** Starts a stream towards the server; length 0 means unbounded, so pass the exact length. */
export const STORAGE_VOL_UPLOAD = procedure(208, 'STORAGE_VOL_UPLOAD', volumeRange, nothing);
/** Starts a stream from the server; length 0 means up to the end. */
export const STORAGE_VOL_DOWNLOAD = procedure(209, 'STORAGE_VOL_DOWNLOAD', volumeRange, nothing);
const volumeResize = struct({ volume: storageVolumeCodec, capacity: uint64, flags: uint32 });
export const STORAGE_VOL_RESIZE = procedure(260, 'STORAGE_VOL_RESIZE', volumeResize, nothing);
