import { z } from 'zod';
import { DEFAULT_HOST_DEVICES } from '../libvirt/host-devices.ts';
import { imageCacheSchema } from './image-cache-configuration.ts';

const absolutePath = z.string().regex(/^\/[^\0]*[^/\0]$/, 'an absolute path without a slash at the end');
/** What libvirt and the kernel take for a network's and for a bridge's name. */
const libvirtNetwork = z.string().regex(/^[^/\s\0]{1,255}$/, 'the name of a libvirt network');
const bridge = z.string().regex(/^[^/\s\0:]{1,15}$/, "the name of one of the host's bridges, at most 15 characters");

const attachment = z.union([z.strictObject({ libvirtNetwork }), z.strictObject({ bridge })]);
export type ConfiguredAttachment = z.infer<typeof attachment>;

const NETWORKS_MAX = 1000;

/** The key `networks`. */
export const networksSchema = z
  .array(
    z.strictObject({
      id: z.uuid().toLowerCase().describe('As clients name it in `networks` when they create a server.'),
      name: z.string().min(1).max(255),
      on: attachment.describe('`{"libvirtNetwork": NAME}` or `{"bridge": NAME}`: what it is on every host.'),
      onHosts: z
        .record(z.string(), attachment)
        .default({})
        .describe('What it is on single hosts that have it under another name, by host.'),
    }),
  )
  .max(NETWORKS_MAX)
  .default([])
  .describe('What servers can be plugged into; only for hypervisor `libvirt`.');

/** The section `guests`; only for hypervisor `libvirt`. */
export const guestsSchema = z.strictObject({
  graphics: z.enum(['none', 'vnc', 'spice']).default('none').describe('The screen of new servers.'),
  cpu: z
    .union([
      z.enum(['hypervisor-default', 'host-model']),
      z.strictObject({ custom: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "a CPU model's name") }),
    ])
    .default('hypervisor-default')
    .describe(
      'The processor of new servers. `host-model`: the one most like the host on which a server is made; it keeps that ' +
        'one everywhere. `{"custom": MODEL}`: one that every host can give.',
    ),
  configDriveFormat: z
    .enum(['iso9660', 'vfat'])
    .default('iso9660')
    .describe("What new servers' config drives are: a CD-ROM, or a disk of 64 MiB with a FAT file system."),
});

const firmwareSchema = z.strictObject({
  loader: absolutePath.default(DEFAULT_HOST_DEVICES.uefi.loader).describe('UEFI code, on that host.'),
  nvramTemplate: absolutePath
    .default(DEFAULT_HOST_DEVICES.uefi.nvramTemplate)
    .describe('What the UEFI variables of a new server are at first.'),
});

const guestListenAddress = z
  .string()
  .min(1)
  .max(255)
  .default(DEFAULT_HOST_DEVICES.listenAddress)
  .describe('Where screens of its guests listen.');

/** Of each host. */
export const hostDeviceKeys = {
  imageCache: imageCacheSchema,
  guestListenAddress,
  uefi: firmwareSchema.prefault({}),
};
