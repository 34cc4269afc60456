import type { Aliases } from './aliases.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import type { Reply } from './http-exchange.ts';
import { sceneToken, type UserName } from './recorded-identity.ts';
import type { RecordedServer } from './recorded-servers.ts';
import { delay } from '../../adapters/simulated/simulated-faults.ts';
import type { ServerRow } from '../../application/views/servers-view.ts';
import { taskStateOf } from '../../domain/instance/instance-state.ts';
import { instanceId } from '../../domain/shared/ids.ts';

/** Longer than anything else in a scene takes: what is held stands still until the scene lets time pass. */
const HOLD_MS = 20_000;
const IMAGE = 'd944c41a-f825-4e0c-bb3d-e7915177422b';
const LIVE_MIGRATE = { 'os-migrateLive': { host: null, block_migration: 'auto' } };

/** A context that this program cannot bring a server into. */
export class NoSuchContext extends Error {}

/** How a server comes to be in a status; from ACTIVE, at rest and unlocked. */
const WAYS: Readonly<Record<string, { readonly body: object; readonly held?: 'rescue' | 'reboot' | 'unrescue' }>> = {
  SHUTOFF: { body: { 'os-stop': null } },
  PAUSED: { body: { pause: null } },
  SUSPENDED: { body: { suspend: null } },
  RESCUE: { body: { rescue: {} } },
  ERROR: { body: { 'os-resetState': { state: 'error' } } },
  'ACTIVE locked': { body: { lock: null } },
  'ACTIVE/rescuing': { body: { rescue: {} }, held: 'rescue' },
  'ACTIVE/rebooting': { body: { reboot: { type: 'SOFT' } }, held: 'reboot' },
  'RESCUE/unrescuing': { body: { unrescue: null }, held: 'unrescue' },
};
const WAYS_BACK: Readonly<Record<string, object>> = {
  stopped: { 'os-start': null },
  paused: { unpause: null },
  suspended: { resume: null },
  rescued: { unrescue: null },
  error: { 'os-resetState': { state: 'active' } },
};

/** Brings servers and services of a fresh world to where the recording found them, through the API alone. */
export class Scene {
  readonly #world: ConformanceWorld;
  readonly #aliases: Aliases;
  readonly #services = new Map<string, string>();

  constructor(world: ConformanceWorld, aliases: Aliases) {
    this.#world = world;
    this.#aliases = aliases;
  }

  /** As `user`, with an administrator's rights, at 2.93 unless told otherwise. */
  ask(user: UserName, method: string, path: string, body: object | null = null, microversion = '2.93'): Promise<Reply> {
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
    const { name, host } = server;
    const wanted = server.describedByName
      ? { name, imageRef: IMAGE, flavorRef: '1', availability_zone: `nova:${host}` }
      : { name, imageRef: IMAGE, flavorRef: '1', networks: 'none', host };
    const reply = await this.ask(
      server.owner,
      'POST',
      '/servers',
      { server: wanted },
      server.describedByName ? '2.1' : '2.74',
    );
    const id = (JSON.parse(reply.text) as { readonly server?: { readonly id?: string } }).server?.id;
    if (id === undefined) throw new Error(`conformance: no server ${name}: ${reply.text}`);
    this.#aliases.learn(server.id, id);
    await this.#world.settle();
    return id;
  }

  /** `stage`: a context of the recording, a status or a status and a task_state. */
  async bring(server: RecordedServer, stage: string): Promise<void> {
    const id = await this.create(server);
    if (stage === this.stageOf(id)) return;
    await this.toRest(server);
    if (stage === 'ACTIVE') return;
    if (stage === 'ACTIVE/migrating' || stage === 'MIGRATING' || stage === 'MIGRATING/migrating') {
      return this.startMigration(server);
    }
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
  async startMigration(server: RecordedServer, host: string | null = null): Promise<void> {
    const id = await this.create(server);
    await this.#act(server, { 'os-migrateLive': { ...LIVE_MIGRATE['os-migrateLive'], host } }, 'MIGRATING');
    await this.#world.until(
      `the migration of ${id} runs`,
      () => this.newestMigration(id)?.status === 'running' || this.row(id).migration === null,
    );
  }

  async moveTo(server: RecordedServer, host: string): Promise<void> {
    const id = await this.create(server);
    if (this.row(id).host === host) return;
    await this.toRest(server);
    await this.startMigration(server, host);
    await this.#world.settle();
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
  async services(down: readonly string[], disabled: readonly string[]): Promise<void> {
    for (const host of ['cmp1', 'cmp2']) {
      const wanted = `${down.includes(host)} ${disabled.includes(host)}`;
      if ((this.#services.get(host) ?? 'false false') === wanted) continue;
      const listed = await this.ask('admin', 'GET', `/os-services?host=${host}`);
      const { services } = JSON.parse(listed.text) as { readonly services: readonly { readonly id: string }[] };
      await this.ask('admin', 'PUT', `/os-services/${services[0]?.id}`, {
        status: disabled.includes(host) ? 'disabled' : 'enabled',
        forced_down: down.includes(host),
      });
      this.#services.set(host, wanted);
    }
  }

  async #act(server: RecordedServer, body: object, stage: string): Promise<void> {
    const id = await this.create(server);
    const reply = await this.ask(server.owner, 'POST', `/servers/${id}/action`, body);
    if (reply.status >= 400) throw new NoSuchContext(`${server.name} cannot become ${stage}: ${reply.text}`);
  }
}

const STATUS_OF: Readonly<Record<string, string>> = {
  active: 'ACTIVE',
  paused: 'PAUSED',
  stopped: 'SHUTOFF',
  suspended: 'SUSPENDED',
  rescued: 'RESCUE',
  error: 'ERROR',
};
