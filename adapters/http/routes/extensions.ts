import { parameter, route, type ComputeRoute } from '../compute-route.ts';
import { notFound, ok } from '../http-answer.ts';

/** Nova's fixed list, as far as it is served here: alias and name. Everything else about them is history. */
const EXTENSIONS: readonly (readonly [alias: string, name: string])[] = [
  ['os-admin-actions', 'AdminActions'],
  ['os-aggregates', 'Aggregates'],
  ['os-attach-interfaces', 'AttachInterfaces'],
  ['os-availability-zone', 'AvailabilityZone'],
  ['os-consoles', 'Consoles'],
  ['os-extended-server-attributes', 'ExtendedServerAttributes'],
  ['os-extended-status', 'ExtendedStatus'],
  ['os-flavor-extra-specs', 'FlavorExtraSpecs'],
  ['os-flavor-manage', 'FlavorManage'],
  ['os-hosts', 'Hosts'],
  ['os-hypervisors', 'Hypervisors'],
  ['os-instance-actions', 'InstanceActions'],
  ['os-keypairs', 'Keypairs'],
  ['os-lock-server', 'LockServer'],
  ['os-migrate-server', 'MigrateServer'],
  ['os-migrations', 'Migrations'],
  ['os-pause-server', 'PauseServer'],
  ['os-quota-sets', 'Quotas'],
  ['os-rescue', 'Rescue'],
  ['os-server-diagnostics', 'ServerDiagnostics'],
  ['os-server-external-events', 'ServerExternalEvents'],
  ['os-server-groups', 'ServerGroups'],
  ['os-server-password', 'ServerPassword'],
  ['os-services', 'Services'],
  ['os-suspend-server', 'SuspendServer'],
  ['os-used-limits', 'UsedLimits'],
  ['os-volumes', 'Volumes'],
];

const extension = ([alias, name]: (typeof EXTENSIONS)[number]): object => ({
  name,
  links: [],
  namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
  alias,
  updated: '2014-12-03T00:00:00Z',
  description: `${name} support.`,
});

/** Deprecated since microversions came, and asked for by clients of that age still. */
export function extensionRoutes(): readonly ComputeRoute[] {
  return [
    route('GET', '/extensions', () => ok({ extensions: EXTENSIONS.map(extension) })),
    route('GET', '/extensions/:alias', (request) => {
      const found = EXTENSIONS.find(([alias]) => alias === parameter(request, 'alias'));
      return found === undefined ? notFound('The resource could not be found.') : ok({ extension: extension(found) });
    }),
  ];
}
