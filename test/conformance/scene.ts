import type { Aliases } from './aliases.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import type { Reply } from '../support/http-exchange.ts';
import { sceneToken, type UserName } from './recorded-identity.ts';
import type { RecordedServer } from './recorded-servers.ts';
import { delay } from '../../adapters/simulated/simulated-faults.ts';
import type { ServerRow } from '../../application/views/servers-view.ts';
import { stepAt } from '../../domain/migration/saga-steps.ts';
import { taskStateOf } from '../../domain/instance/instance-state.ts';
import { hostName, instanceId } from '../../domain/shared/ids.ts';

/** Longer than anything else in a scene takes: what is held stands still until the scene lets time pass. */
const HOLD_MS = 20_000;
const IMAGE = 'd944c41a-f825-4e0c-bb3d-e7915177422b';

type SceneRequest = {
  readonly method: string;
  readonly path: string;
  readonly body: object | null;
  readonly microversion: string;
};

/** A context that this program cannot bring a server into. */
export class NoSuchContext extends Error {}

const LOCKED = ' locked';
/** What the server's migration is doing then. */
const STATUS_IN: Readonly<Record<string, string>> = {
  MIGRATING: 'running',
  'MIGRATING/migrating': 'running',
  'MIGRATING/accepted': 'accepted',
  'MIGRATING/preparing': 'preparing',
};
/** Begun, and not ended while no time passes: the copy, and what a scene holds. */
const STANDING: readonly string[] = ['selectDestination', 'prepareDestination', 'migrateGuest'];

/** How a server comes to be in a status; from ACTIVE, at rest and unlocked. */
const WAYS: Readonly<Record<string, { readonly body: object; readonly held?: 'rescue' | 'reboot' | 'unrescue' }>> = {
  SHUTOFF: { body: { 'os-stop': null } },
  PAUSED: { body: { pause: null } },
  SUSPENDED: { body: { suspend: null } },
  VERIFY_RESIZE: { body: { resize: { flavorRef: '2' } } },
  RESCUE: { body: { rescue: {} } },
  ERROR: { body: { 'os-resetState': { state: 'error' } } },
  'ACTIVE/rescuing': { body: { rescue: {} }, held: 'rescue' },
  'ACTIVE/rebooting': { body: { reboot: { type: 'SOFT' } }, held: 'reboot' },
  'RESCUE/unrescuing': { body: { unrescue: null }, held: 'unrescue' },
};
const WAYS_BACK: Readonly<Record<string, object>> = {
  stopped: { 'os-start': null },
  paused: { unpause: null },
  suspended: { resume: null },
  resized: { confirmResize: null },
  rescued: { unrescue: null },
  error: { 'os-resetState': { state: 'active' } },
};

/** Brings servers and services of a fresh world to where the recording found them, through the API alone. */
export class Scene {
  readonly #world: ConformanceWorld;
  readonly #aliases: Aliases;
  readonly #creations = new Map<string, string>();

  constructor(world: ConformanceWorld, aliases: Aliases) {
    this.#world = world;
    this.#aliases = aliases;
  }

  /** As `user`, with an administrator's rights, at 2.93. */
  ask(user: UserName, method: string, path: string, body: object | null = null): Promise<Reply> {
    return this.#send(user, { method, path, body, microversion: '2.93' });
  }

  #send(user: UserName, { method, path, body, microversion }: SceneRequest): Promise<Reply> {
    return this.#world.ask({
      method,
      path: `/v2.1${path}`,
      headers: {
        'x-auth-token': sceneToken(user),
        'openstack-api-version': `compute ${microversion}`,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      payload: body === null ? null : JSON.stringify(body),
    });
  }

  /** Made when it is met for the first time; at rest afterwards. */
  async create(server: RecordedServer): Promise<string> {
    const known = this.#aliases.find(server.id);
    if (known !== null) return known;
    await this.services([], []);
    const { name, host } = server;
    const reply = await this.#send(server.owner, {
      method: 'POST',
      path: '/servers',
      ...(server.describedByName
        ? {
            body: { server: { name, imageRef: IMAGE, flavorRef: '1', availability_zone: `nova:${host}` } },
            microversion: '2.1',
          }
        : {
            body: { server: { name, imageRef: IMAGE, flavorRef: '1', networks: 'none', host, ...tagsOf(server) } },
            microversion: '2.74',
          }),
    });
    const id = (JSON.parse(reply.text) as { readonly server?: { readonly id?: string } }).server?.id;
    if (id === undefined) throw new Error(`conformance: no server ${name}: ${reply.text}`);
    this.#aliases.learn(server.id, id);
    this.#creations.set(id, reply.headers.get('x-compute-request-id')?.[0]?.slice('req-'.length) ?? '');
    await this.#world.settle();
    return id;
  }

  /** The UUID of the request that created a server of the scene. */
  creationOf(id: string): string {
    return this.#creations.get(id) ?? '';
  }

  /** `stage`: a context of the recording, a status or a status and a task_state. */
  async bring(server: RecordedServer, stage: string): Promise<void> {
    const id = await this.create(server);
    if (this.isIn(id, stage)) return;
    await this.toRest(server);
    if (stage === 'ACTIVE') return;
    if (stage.endsWith(LOCKED)) {
      await this.bring(server, stage.slice(0, -LOCKED.length));
      await this.#act(server, { lock: null }, stage);
    } else if (stage === 'DELETED') {
      await this.ask(server.owner, 'DELETE', `/servers/${id}`);
      await this.#world.settle();
    } else if (stage.includes('MIGRATING') || stage.endsWith('/migrating')) {
      await this.#bringToMigrating(server, stage);
    } else {
      await this.#bringToStatus(server, stage);
    }
  }

  isIn(id: string, stage: string): boolean {
    const isMigrating = stage.startsWith('MIGRATING') && this.newestMigration(id)?.status === STATUS_IN[stage];
    return isMigrating || this.stageOf(id) === stage;
  }

  /** Where the way there does not matter, and neither whether there is one. */
  async tryToBring(server: RecordedServer, stage: string): Promise<void> {
    try {
      await this.bring(server, stage);
    } catch (error) {
      if (!(error instanceof NoSuchContext)) throw error;
    }
  }

  /** `MIGRATING/accepted` and `MIGRATING/preparing` stand still earlier than a copy does. */
  async #bringToMigrating(server: RecordedServer, stage: string): Promise<void> {
    const held = stage.endsWith('/accepted') ? 'checkDestination' : 'prepareDestination';
    if (stage.endsWith('/accepted') || stage.endsWith('/preparing')) this.#world.faults.next('*', held, delay(HOLD_MS));
    await this.startMigration(server);
  }

  async #bringToStatus(server: RecordedServer, stage: string): Promise<void> {
    const id = await this.create(server);
    const way = WAYS[stage];
    if (way === undefined) throw new NoSuchContext(`no server can be ${stage}`);
    if (stage === 'RESCUE/unrescuing') await this.bring(server, 'RESCUE');
    if (way.held !== undefined) this.#world.faults.next('*', way.held, delay(HOLD_MS));
    await this.#act(server, way.body, stage);
    if (way.held === undefined) await this.#world.settle();
    else await this.#world.until(`server ${id} is ${stage}`, () => this.stageOf(id) === stage);
  }

  /** ACTIVE, unlocked, with nothing going on. */
  async toRest(server: RecordedServer): Promise<void> {
    const id = await this.create(server);
    if (this.row(id).task !== null) await this.#world.settle();
    if (this.row(id).locked) await this.#act(server, { unlock: null }, 'ACTIVE');
    const back = WAYS_BACK[this.row(id).vmState];
    if (back !== undefined) await this.#act(server, back, 'ACTIVE');
    await this.#world.settle();
  }

  /** Under way, and standing still while the disks are copied. `host` null: the scheduler's choice. */
  async startMigration(server: RecordedServer, host: string | null = null): Promise<Reply> {
    const id = await this.create(server);
    const reply = await this.#act(server, { 'os-migrateLive': { host, block_migration: 'auto' } }, 'MIGRATING');
    await this.#world.until(
      `the migration of ${id} runs`,
      () => STANDING.includes(this.#migrationStage(id)) || this.row(id).migration === null,
    );
    return reply;
  }

  /** Below 2.25 block migration has to be said. Whatever comes of it. */
  async migrateTo(server: RecordedServer, host: string | null, microversion: string): Promise<Reply> {
    const id = await this.create(server);
    const wanted = { 'os-migrateLive': { host, block_migration: true, disk_over_commit: false } };
    const path = `/servers/${id}/action`;
    const reply = await this.#send(server.owner, { method: 'POST', path, body: wanted, microversion });
    await this.#world.settle();
    return reply;
  }

  /** No other host is enabled: the migration ends as `error` before a destination was chosen. */
  async migrateToNowhere(server: RecordedServer, host: string | null = null): Promise<Reply> {
    const id = await this.create(server);
    await this.steerTo(this.row(id).host ?? '');
    const reply = await this.startMigration(server, host);
    await this.#world.settle();
    await this.services([], []);
    return reply;
  }

  async moveTo(server: RecordedServer, host: string): Promise<void> {
    const id = await this.create(server);
    if (this.row(id).task !== null) await this.#world.settle();
    if (this.row(id).host === host) return;
    await this.toRest(server);
    await this.startMigration(server, host);
    await this.#world.settle();
  }

  #migrationStage(id: string): string {
    const row = this.newestMigration(id);
    const step = row?.saga.phase === 'forward' && row.saga.interrupted ? stepAt(row.saga.stepIndex).name : '';
    return this.#world.faults.unmet() === 0 ? step : '';
  }

  newestMigration(id: string) {
    return this.#world.views.migrations
      .ofInstance(instanceId(id))
      .toSorted((one, other) => other.number - one.number)[0];
  }

  isPresent(id: string): boolean {
    return this.#world.views.servers.find(instanceId(id))?.existence === 'present';
  }

  row(id: string): ServerRow & { readonly existence: 'present' } {
    const row = this.#world.views.servers.find(instanceId(id));
    if (row?.existence !== 'present') throw new NoSuchContext(`server ${id} is gone`);
    return row;
  }

  stageOf(id: string): string {
    const row = this.row(id);
    const taskState = taskStateOf(row);
    const status = STATUS_OF[row.vmState] ?? row.vmState;
    return `${status}${taskState === null ? '' : `/${taskState}`}${row.locked ? ' locked' : ''}`;
  }

  /** `down`: forced down. Whatever is not named is up and enabled. */
  async services(down: readonly string[], disabled: readonly string[], reason: string | null = null): Promise<void> {
    for (const host of ['cmp1', 'cmp2']) {
      const wanted = { down: down.includes(host), reason: disabled.includes(host) ? reason : null };
      const service = this.#world.views.computeServices.find(hostName(host));
      const isSo =
        service?.forcedDown === wanted.down &&
        service.disabled === disabled.includes(host) &&
        service.disabledReason === wanted.reason;
      if (service === null || isSo) continue;
      await this.ask('admin', 'PUT', `/os-services/${service.serviceId}`, {
        status: disabled.includes(host) ? 'disabled' : 'enabled',
        forced_down: wanted.down,
        ...(wanted.reason === null ? {} : { disabled_reason: wanted.reason }),
      });
    }
  }

  /** The scheduler has no other host to choose. */
  steerTo(host: string): Promise<void> {
    return this.services(
      [],
      ['cmp1', 'cmp2'].filter((other) => other !== host),
    );
  }

  async #act(server: RecordedServer, body: object, stage: string): Promise<Reply> {
    const id = await this.create(server);
    const reply = await this.ask(server.owner, 'POST', `/servers/${id}/action`, body);
    if (reply.status >= 400) throw new NoSuchContext(`${server.name} cannot become ${stage}: ${reply.text}`);
    return reply;
  }
}

const tagsOf = ({ tags }: RecordedServer): object => (tags.length === 0 ? {} : { tags });

const STATUS_OF: Readonly<Record<string, string>> = {
  active: 'ACTIVE',
  paused: 'PAUSED',
  stopped: 'SHUTOFF',
  suspended: 'SUSPENDED',
  resized: 'VERIFY_RESIZE',
  rescued: 'RESCUE',
  error: 'ERROR',
};
