import { randomUUID } from 'node:crypto';
import type { Network } from '../../application/ports/networks.ts';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { MemoryEventStore } from '../../adapters/event-store/memory-event-store.ts';
import { buildHttpServer } from '../../adapters/http/http-server.ts';
import type { IdentityService } from '../../adapters/http/identity/identity-service.ts';
import type { Identity } from '../../adapters/http/identity.ts';
import { SimulatedImageService } from '../../adapters/simulated/simulated-image-service.ts';
import { RandomIdSource } from '../../adapters/system/random-id-source.ts';
import { SystemClock } from '../../adapters/system/system-clock.ts';
import { COMPUTE_SERVICE, computeServiceStream, INSTANCE, instanceStream } from '../../application/aggregates.ts';
import { ComputeApi } from '../../application/compute-api.ts';
import { FlavorCatalogue } from '../../application/flavor-catalogue.ts';
import { ComputeHosts } from '../../application/compute-hosts.ts';
import { handleCommand } from '../../application/handle-command.ts';
import { MigrationProgressBoard } from '../../application/migration-progress-board.ts';
import { READ_EVENTS_MAX, type EventStore } from '../../application/ports/event-store.ts';
import type { Flavor } from '../../application/ports/flavors.ts';
import type { Image } from '../../application/ports/image-service.ts';
import { Views } from '../../application/views/views.ts';
import type { InstanceCommand } from '../../domain/instance/instance-commands.ts';
import type { ComputeServiceCommand } from '../../domain/service-version/decide-compute-service.ts';
import {
  computeServiceId,
  hostName,
  imageId,
  instanceId,
  instant,
  serviceVersion,
  type InstanceId,
} from '../../domain/shared/ids.ts';
import { undescribed } from './described-answer.ts';
import { PROJECT, RoleHeaderIdentity } from './role-header-identity.ts';
import { commandsTo, IMAGE, type Stage } from './server-stages.ts';

export const QUEUED_IMAGE = '49004814-99ee-49ec-b52b-bcfc1432b7ce';
export const FLAVOR: Flavor = {
  id: '1',
  name: 'm1.tiny',
  vcpus: 1,
  ramMiB: 64,
  diskGiB: 1,
  description: null,
  extraSpecs: { 'hw:cpu_policy': 'shared' },
};

const DEADLINE_MS = 5000;

/** The whole API over an event log in memory; the test appends what the compute hosts would report. */
export class ComputeApiWorld {
  readonly identity = new RoleHeaderIdentity();
  readonly eventStore = new MemoryEventStore(new SystemClock());
  readonly views = new Views();
  readonly progress = new MigrationProgressBoard();
  readonly images = new SimulatedImageService(new SystemClock());
  readonly reported: Error[] = [];
  readonly server: FastifyInstance;
  readonly #ids = new RandomIdSource();
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;

  constructor(
    options: {
      readonly linkPrefix: string | null;
      readonly appendsTo?: EventStore;
      /** Instead of the roles that a request's headers name. */
      readonly identity?: Identity;
      readonly identityService?: IdentityService;
      readonly networks?: readonly Network[];
    } = { linkPrefix: null },
  ) {
    const clock = new SystemClock();
    const configured = { find: (id: string) => (id === FLAVOR.id ? FLAVOR : null), all: () => [FLAVOR] };
    const flavors = new FlavorCatalogue(configured, this.views);
    this.images.put(sampleImage(IMAGE, 'active'), new Uint8Array(1));
    this.images.put(sampleImage(QUEUED_IMAGE, 'queued'), null);
    const { views, images, progress } = this;
    const eventStore = options.appendsTo ?? this.eventStore;
    this.server = buildHttpServer({
      // Nobody looks for destinations here, so nobody waits for one.
      computeApi: new ComputeApi({ eventStore, ids: this.#ids, clock, views, images, flavors, preCheckTimeoutMs: 0 }),
      views,
      computeHosts: new ComputeHosts([]),
      progress,
      images,
      flavors,
      networks: options.networks ?? [],
      identity: options.identity ?? this.identity,
      identityService: options.identityService ?? null,
      ids: this.#ids,
      clock,
      reportError: (_requestId, error) => void this.reported.push(error),
      options: { linkPrefix: options.linkPrefix, servesImages: true },
    });
    // Its end is told to every reader by the views themselves.
    this.#following = this.views.follow(this.eventStore, this.#stop.signal).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    await this.server.close();
    await this.eventStore.close();
  }

  /** `roles` null: no token. Throws for an answer that is not as `/openapi.json` describes it. */
  async call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    asked: {
      readonly roles?: string | null;
      readonly project?: string;
      readonly microversion?: string;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<LightMyRequestResponse> {
    const { roles = 'admin', project, microversion, body, headers } = asked;
    const request: InjectOptions = {
      method,
      url,
      headers: {
        ...(roles === null ? {} : { 'x-roles': roles }),
        ...(project === undefined ? {} : { 'x-project-id': project }),
        ...(microversion === undefined ? {} : { 'openstack-api-version': `compute ${microversion}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    };
    const response = await this.server.inject(request);
    const version = response.headers['openstack-api-version'];
    const { statusCode: status, body: told } = response;
    const wrong = undescribed({ method, url, status, body: told, microversion: version?.toString() ?? null });
    if (wrong !== null) throw new Error(`the answer is not as it is described: ${wrong}`);
    return response;
  }

  action(id: string, body: object, microversion: string, roles = 'admin') {
    return this.call('POST', `/v2.1/servers/${id}/action`, { body, microversion, roles });
  }

  async events(): Promise<number> {
    return (await this.eventStore.readAll(0, READ_EVENTS_MAX)).length;
  }

  async computeService(host: string, version: number): Promise<void> {
    const at = instant(new Date().toISOString());
    await this.commandService(host, {
      type: 'ReportComputeService',
      serviceId: computeServiceId(randomUUID()),
      host: hostName(host),
      version: serviceVersion(version),
      at,
    });
  }

  async commandService(host: string, command: ComputeServiceCommand): Promise<void> {
    await this.#seen(
      await handleCommand(this.#store(), COMPUTE_SERVICE, computeServiceStream(hostName(host)), command, METADATA),
    );
  }

  async command(id: InstanceId, command: InstanceCommand): Promise<void> {
    await this.#seen(await handleCommand(this.#store(), INSTANCE, instanceStream(id), command, METADATA));
  }

  /** A new server of `project`, on host `source` from the moment it is active. */
  async serverIn(stage: Stage, project = PROJECT): Promise<InstanceId> {
    const id = instanceId(randomUUID());
    for (const command of commandsTo(stage, id, project)) await this.command(id, command);
    return id;
  }

  #store() {
    return { eventStore: this.eventStore, ids: this.#ids };
  }

  async #seen(answer: { readonly accepted: boolean; readonly position?: number }): Promise<void> {
    if (!answer.accepted) throw new Error(`the test asked for what is refused: ${JSON.stringify(answer)}`);
    const late = setTimeout(() => this.#stop.abort(), DEADLINE_MS);
    const reached = await this.views.reached(answer.position ?? 0);
    clearTimeout(late);
    if (!reached) throw new Error('the views do not follow');
  }
}

const METADATA = { correlationId: 'req-test', causationId: 'req-test', actor: 'test' };

function sampleImage(id: string, status: Image['status']): Image {
  return {
    id: imageId(id),
    name: `sample-${status}`,
    status,
    diskFormat: 'raw',
    containerFormat: 'bare',
    sizeBytes: 1,
    sha256: null,
    minDiskGiB: 0,
    minRamMiB: 0,
    visibility: 'public',
    createdAt: '2026-11-23T08:00:00Z',
    updatedAt: '2026-11-23T08:00:00Z',
    properties: {},
  };
}
