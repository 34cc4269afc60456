import type { NetworkInterface } from '../../../domain/instance/network-interface.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { badRequest, notFound, ok } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import {
  INTERFACE_SCHEMA,
  VOLUME_ATTACHMENT_SCHEMA,
  VOLUME_SWAP_SCHEMA,
} from '../schemas/server-attachment-schemas.ts';
import { validate } from '../schemas/validate.ts';
import { supports } from '../supports.ts';
import { forServer } from './find-server.ts';

/** Interfaces are those of the creation. Servers here have no volumes: their list is empty, and none is found. */
export function serverAttachmentRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [...interfaceRoutes(dependencies), ...volumeRoutes(dependencies), ...addressRoutes(dependencies)];
}

const NETWORK_PROXIES_UNTIL = 35;
const TAGS_SINCE = 70;

const portNotFound = (id: string) => notFound(`Port id ${id} could not be found.`);
const volumeNotFound = (id: string) => notFound(`Volume ${id} could not be found.`);

function addressRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/servers/:id/ips', (request) =>
      forServer(dependencies, request, 'os_compute_api:ips:index', () => ok({ addresses: {} })),
    ),
    route('GET', '/servers/:id/ips/:network', (request) =>
      forServer(dependencies, request, 'os_compute_api:ips:show', () =>
        notFound('Instance is not a member of specified network'),
      ),
    ),
    route('GET', '/servers/:id/os-security-groups', (request) =>
      forServer(dependencies, request, 'os_compute_api:os-security-groups:list', () => ok({ security_groups: [] })),
    ),
    route('GET', '/os-security-groups', () => ok({ security_groups: [] }), { until: NETWORK_PROXIES_UNTIL }),
    route('GET', '/os-floating-ips', () => ok({ floating_ips: [] }), { until: NETWORK_PROXIES_UNTIL }),
    route('GET', '/os-networks', () => ok({ networks: [] }), { until: NETWORK_PROXIES_UNTIL }),
  ];
}

function interfaceRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const path = '/servers/:id/os-interface';
  const attach = (request: ComputeRequest) => {
    const validated = validate(INTERFACE_SCHEMA, request.body);
    if (!validated.valid) return badRequest(validated.message);
    const { net_id: network, port_id: port } = validated.value.interfaceAttachment ?? {};
    return forServer(dependencies, request, 'os_compute_api:os-attach-interfaces:create', () => {
      if (port !== undefined) return portNotFound(port);
      return network === undefined
        ? badRequest(
            `No specific network was requested and none are available for project '${request.context.projectId}'.`,
          )
        : notFound(`Network ${network} could not be found.`);
    });
  };
  return [
    route('GET', path, (request) =>
      forServer(dependencies, request, 'os_compute_api:os-attach-interfaces:list', (row) =>
        ok({ interfaceAttachments: row.networkInterfaces.map((one) => interfaceAttachment(request, one)) }),
      ),
    ),
    route('GET', `${path}/:port`, (request) =>
      forServer(dependencies, request, 'os_compute_api:os-attach-interfaces:show', (row) => {
        const port = parameter(request, 'port');
        const found = row.networkInterfaces.find(({ portId }) => portId === port);
        return found === undefined
          ? portNotFound(port)
          : ok({ interfaceAttachment: interfaceAttachment(request, found) });
      }),
    ),
    route('POST', path, attach, { bodySchemaAt: () => INTERFACE_SCHEMA }),
    route('DELETE', `${path}/:port`, (request) =>
      forServer(dependencies, request, 'os_compute_api:os-attach-interfaces:delete', () =>
        portNotFound(parameter(request, 'port')),
      ),
    ),
  ];
}

/** Addresses are the networks' own business: none is known here. */
const interfaceAttachment = (
  { microversion }: ComputeRequest,
  { portId, networkId, macAddress }: NetworkInterface,
): object => ({
  net_id: networkId,
  port_id: portId,
  mac_addr: macAddress,
  port_state: 'ACTIVE',
  fixed_ips: [],
  ...(supports(microversion, TAGS_SINCE) ? { tag: null } : {}),
});

function volumeRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  const path = '/servers/:id/os-volume_attachments';
  const item = `${path}/:volume` as const;
  const attach = (request: ComputeRequest) => {
    const validated = validate(VOLUME_ATTACHMENT_SCHEMA, request.body);
    if (!validated.valid) return badRequest(validated.message);
    const { volumeId } = validated.value.volumeAttachment;
    return forServer(dependencies, request, 'os_compute_api:os-volumes-attachments:create', () =>
      volumeNotFound(volumeId),
    );
  };
  const swap = (request: ComputeRequest) => {
    const validated = validate(VOLUME_SWAP_SCHEMA, request.body);
    if (!validated.valid) return badRequest(validated.message);
    return forServer(dependencies, request, 'os_compute_api:os-volumes-attachments:swap', () =>
      volumeNotFound(parameter(request, 'volume')),
    );
  };
  return [
    route('GET', path, (request) =>
      forServer(dependencies, request, 'os_compute_api:os-volumes-attachments:index', () =>
        ok({ volumeAttachments: [] }),
      ),
    ),
    route('GET', item, (request) =>
      forServer(dependencies, request, 'os_compute_api:os-volumes-attachments:show', () =>
        notFound(`volume_id not found: ${parameter(request, 'volume')}`),
      ),
    ),
    route('POST', path, attach, { bodySchemaAt: () => VOLUME_ATTACHMENT_SCHEMA }),
    route('PUT', item, swap, { bodySchemaAt: () => VOLUME_SWAP_SCHEMA }),
    route('DELETE', item, (request) =>
      forServer(dependencies, request, 'os_compute_api:os-volumes-attachments:delete', () =>
        volumeNotFound(parameter(request, 'volume')),
      ),
    ),
  ];
}
