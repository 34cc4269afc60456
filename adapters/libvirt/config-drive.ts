import type { ConfigDriveFacts, GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import { FAT_IMAGE_BYTES, fatImage } from './fat-image.ts';
import type { FileTree } from './file-tree.ts';
import { isoImage } from './iso-image.ts';

/** Nova's `config_drive_format`: a CD-ROM, or a disk for guests that have no driver for one. */
export type ConfigDriveFormat = 'iso9660' | 'vfat';

/** A drive: how large it is, and what it begins with; the rest is empty. */
export type ConfigDrive = { readonly capacityBytes: number; readonly content: Buffer };

/** What cloud-init looks for. */
const VOLUME_LABEL = 'config-2';

/** The config drive of a server, as OpenStack's guests read it: `openstack/latest/meta_data.json` and what is beside it. */
export function configDrive(guest: GuestDescription, facts: ConfigDriveFacts, format: ConfigDriveFormat): ConfigDrive {
  const files = configDriveFiles(guest, facts);
  if (format === 'vfat') return { capacityBytes: FAT_IMAGE_BYTES, content: fatImage(VOLUME_LABEL, files) };
  const content = isoImage(VOLUME_LABEL, files);
  return { capacityBytes: content.length, content };
}

function configDriveFiles({ instanceId, name }: GuestDescription, facts: ConfigDriveFacts): FileTree {
  const { hostname, metadata, projectId, launchIndex, availabilityZone, userData } = facts;
  const described = {
    uuid: instanceId,
    name,
    hostname,
    meta: metadata,
    project_id: projectId,
    launch_index: launchIndex,
    availability_zone: availabilityZone,
  };
  return {
    openstack: {
      latest: {
        'meta_data.json': Buffer.from(JSON.stringify(described)),
        ...(userData === null ? {} : { user_data: decoded(userData) }),
        'vendor_data.json': Buffer.from('{}'),
        'network_data.json': Buffer.from(JSON.stringify({ links: [], networks: [], services: [] })),
      },
    },
  };
}

/** As Nova decodes it: what is no base64 in it is passed over. */
const decoded = (text: string): Buffer => Buffer.from(text.replaceAll(/[^A-Za-z0-9+/=]/g, ''), 'base64');
