import type { ConfigDriveFacts, GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import { isoImage } from './iso-image.ts';

/** What cloud-init looks for. */
const VOLUME_LABEL = 'config-2';

/** The config drive of a server, as OpenStack's guests read it: a CD-ROM with `openstack/latest/meta_data.json`. */
export function configDriveImage({ instanceId, name }: GuestDescription, facts: ConfigDriveFacts): Buffer {
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
  return isoImage(VOLUME_LABEL, {
    openstack: {
      latest: {
        'meta_data.json': Buffer.from(JSON.stringify(described)),
        ...(userData === null ? {} : { user_data: decoded(userData) }),
        'vendor_data.json': Buffer.from('{}'),
        'network_data.json': Buffer.from(JSON.stringify({ links: [], networks: [], services: [] })),
      },
    },
  });
}

/** As Nova decodes it: what is no base64 in it is passed over. */
const decoded = (text: string): Buffer => Buffer.from(text.replaceAll(/[^A-Za-z0-9+/=]/g, ''), 'base64');
