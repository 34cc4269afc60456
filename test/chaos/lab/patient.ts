import { waitUntil } from '../../lab/wait-until.ts';
import type { MigrationAnswer, ServerAnswer } from '../../support/compute-answers.ts';
import { RESCUED_MIGRATION, type ComputeAnswer, type ComputeClient } from '../../support/compute-client.ts';
import type { ChaosCloud } from './chaos-cloud.ts';

/** What the API says of the server when it answers. */
export type Told = {
  readonly server: ServerAnswer;
  /** Newest first. */
  readonly migrations: readonly MigrationAnswer[];
  readonly inProgress: number;
  /** OS-EXT-STS:power_state. */
  readonly powerState: number;
};

const POLL_INTERVAL_MS = 40;
const REQUEST_DEADLINE_MS = 120_000;
const UNDER_WAY: readonly string[] = ['accepted', 'queued', 'preparing', 'running'];

/** One server, over HTTP, through whatever process speaks for Lifeboat just now; no answer is no error here. */
export class Patient {
  readonly id: string;
  readonly #cloud: ChaosCloud;

  constructor(cloud: ChaosCloud, id: string) {
    this.#cloud = cloud;
    this.id = id;
  }

  /** Null while nobody answers. */
  async told(): Promise<Told | null> {
    const { client } = this.#cloud.lifeboat;
    try {
      const [server, migrations, inProgress, powerState] = await Promise.all([
        client.server(this.id),
        client.migrations(this.id),
        client.migrationsInProgress(this.id),
        powerStateOf(client, this.id),
      ]);
      return { server, migrations, inProgress: inProgress.length, powerState };
    } catch {
      return null;
    }
  }

  /** Waits until no task and no migration is under way; null when that did not come in time. */
  settled(deadlineMs: number): Promise<Told | null> {
    const probe = async (): Promise<Told | null> => {
      const told = await this.told();
      return told !== null && isSettled(told) ? told : null;
    };
    return waitUntil(probe, { deadlineMs, intervalMs: POLL_INTERVAL_MS });
  }

  /** Asks again while nobody answers, or not now; throws for a refusal. */
  async act(body: object): Promise<void> {
    const probe = async (): Promise<ComputeAnswer | null> => {
      const answer = await this.#cloud.lifeboat.client.action(this.id, body, RESCUED_MIGRATION).catch(() => null);
      return answer === null || answer.status >= 500 ? null : answer;
    };
    const answer = await waitUntil(probe, { deadlineMs: REQUEST_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
    if (answer !== null && answer.status < 300) return;
    throw new Error(`${JSON.stringify(body)} was answered ${answer?.status ?? 'never'}: ${answer?.message ?? ''}`);
  }

  async remove(): Promise<void> {
    const { client } = this.#cloud.lifeboat;
    const request = { path: `/servers/${this.id}`, microversion: RESCUED_MIGRATION } as const;
    await client.request({ method: 'DELETE', ...request });
    const gone = async (): Promise<true | null> =>
      (await client.request({ method: 'GET', ...request })).status === 404 ? true : null;
    const deleted = await waitUntil(gone, { deadlineMs: REQUEST_DEADLINE_MS, intervalMs: POLL_INTERVAL_MS });
    if (deleted === null) throw new Error('the server was not deleted');
  }
}

export function isSettled({ server, migrations }: Told): boolean {
  const busy = server.taskState !== null || server.status === 'BUILD';
  return !busy && migrations.every(({ status }) => !UNDER_WAY.includes(status));
}

async function powerStateOf(client: ComputeClient, server: string): Promise<number> {
  const answer = await client.request({ method: 'GET', path: `/servers/${server}`, microversion: RESCUED_MIGRATION });
  const body: unknown = answer.body;
  const shown: unknown = isRecord(body) ? body['server'] : null;
  const state: unknown = isRecord(shown) ? shown['OS-EXT-STS:power_state'] : null;
  if (typeof state !== 'number') throw new Error('the API tells no power state');
  return state;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
