import { waitUntil } from '../lab/wait-until.ts';
import type { InstanceActionAnswer, MigrationAnswer, ServerAnswer } from '../support/compute-answers.ts';
import { RESCUED_MIGRATION, type ComputeAnswer, type ComputeClient } from '../support/compute-client.ts';
import { FLAVOR } from './lab-configuration.ts';
import type { LibvirtLab } from './libvirt-lab.fixture.ts';

/** A boot of the guest on a busy machine, or a migration. */
const SERVER_DEADLINE_MS = 120_000;
const SERVICES_DEADLINE_MS = 30_000;
const POLL_INTERVAL_MS = 50;
const ENDED: readonly string[] = ['completed', 'failed', 'error'];

/** One server of a laboratory, driven over HTTP as its owner and its operator would. */
export class ServerUnderTest {
  readonly client: ComputeClient;
  readonly id: string;

  constructor(client: ComputeClient, id: string) {
    this.client = client;
    this.id = id;
  }

  /** Waits until both compute services are up, then until the server is active on `host`. */
  static async create(client: ComputeClient, { images }: LibvirtLab, host: string): Promise<ServerUnderTest> {
    await servicesUp(client, 2);
    const imageRef = images.boot.imageId;
    const id = await client.createServer({ name: 'patient', imageRef, flavorRef: FLAVOR, host });
    const server = new ServerUnderTest(client, id);
    await server.until('ACTIVE');
    return server;
  }

  rescue({ images }: LibvirtLab): Promise<void> {
    return this.rescueWith(images.rescue.imageId);
  }

  async rescueWith(imageRef: string): Promise<void> {
    const body = { rescue: { rescue_image_ref: imageRef } };
    requireStatus(await this.client.action(this.id, body, RESCUED_MIGRATION), 200);
    await this.until('RESCUE');
  }

  /** Switches it off and on again, with something done while it is off. */
  async whileStopped(act: () => Promise<void>): Promise<void> {
    requireStatus(await this.client.action(this.id, { 'os-stop': null }, RESCUED_MIGRATION), 202);
    await this.until('SHUTOFF');
    await act();
    requireStatus(await this.client.action(this.id, { 'os-start': null }, RESCUED_MIGRATION), 202);
    await this.until('ACTIVE');
  }

  async unrescue(): Promise<void> {
    requireStatus(await this.client.action(this.id, { unrescue: null }, RESCUED_MIGRATION), 202);
    await this.until('ACTIVE');
  }

  async delete(): Promise<void> {
    requireStatus(
      await this.client.request({ method: 'DELETE', path: `/servers/${this.id}`, microversion: RESCUED_MIGRATION }),
      204,
    );
    const gone = async (): Promise<true | null> => {
      const request = { method: 'GET', path: `/servers/${this.id}`, microversion: RESCUED_MIGRATION } as const;
      return (await this.client.request(request)).status === 404 ? true : null;
    };
    if ((await waitUntil(gone, { deadlineMs: SERVER_DEADLINE_MS })) === null) throw new Error('it is still there');
  }

  askMigration(host: string | null, microversion = RESCUED_MIGRATION): Promise<ComputeAnswer> {
    const body = { 'os-migrateLive': { host, block_migration: 'auto' } };
    return this.client.action(this.id, body, microversion);
  }

  /** Requires the 202, and waits for the migration's last status. */
  async migrate(host: string): Promise<{ readonly migration: MigrationAnswer; readonly server: ServerAnswer }> {
    requireStatus(await this.askMigration(host), 202);
    const ended = async (): Promise<MigrationAnswer | null> => {
      const [newest] = await this.client.migrations(this.id);
      return newest !== undefined && ENDED.includes(newest.status) ? newest : null;
    };
    const migration = await waitUntil(ended, { deadlineMs: SERVER_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
    if (migration === null) throw new Error(`the migration did not end\n${await this.#history()}`);
    return { migration, server: await this.until('RESCUE') };
  }

  async lastAction(): Promise<InstanceActionAnswer> {
    const action = (await this.client.instanceActions(this.id)).at(-1);
    if (action === undefined) throw new Error('the server has no action');
    return action;
  }

  /** Waits for the status, without a task in progress. */
  async until(status: string): Promise<ServerAnswer> {
    const reached = async (): Promise<ServerAnswer | null> => {
      const server = await this.client.server(this.id);
      if (server.status === 'ERROR' && status !== 'ERROR') throw new Error(`ERROR: ${server.fault ?? ''}`);
      return server.status === status && server.taskState === null ? server : null;
    };
    const server = await waitUntil(reached, { deadlineMs: SERVER_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
    if (server === null) throw new Error(`the server did not become ${status}\n${await this.#history()}`);
    return server;
  }

  async #history(): Promise<string> {
    return JSON.stringify(await this.client.instanceActions(this.id), null, 1);
  }
}

export async function servicesUp(client: ComputeClient, count: number): Promise<void> {
  const up = async (): Promise<true | null> =>
    (await client.services()).filter(({ state }) => state === 'up').length === count ? true : null;
  if ((await waitUntil(up, { deadlineMs: SERVICES_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS })) !== null) return;
  throw new Error(`not ${count} compute services are up: ${JSON.stringify(await client.services())}`);
}

function requireStatus({ status, body }: ComputeAnswer, expected: number): void {
  if (status !== expected) throw new Error(`expected ${expected}, got ${status} ${JSON.stringify(body)}`);
}
