import { z } from 'zod';
import { askCompute } from './ask-compute.ts';
import type { ComputeEndpoint } from './compute-endpoint.ts';

/** The one at which rescued servers are live migrated; the others are the last that changed what is read here. */
const RESCUED_MIGRATION = '2.105';
const SERVER = '2.73';
const MIGRATIONS = '2.80';
const INSTANCE_ACTION = '2.84';

const serverSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  'OS-EXT-STS:task_state': z.string().nullable(),
  'OS-EXT-SRV-ATTR:host': z.string().nullish(),
});
const actionSchema = z.looseObject({
  message: z.string().nullish(),
  events: z.array(z.looseObject({ result: z.string().nullish(), details: z.string().nullish() })).default([]),
});
const migrationsSchema = z.looseObject({ migrations: z.array(z.looseObject({ id: z.number().int() })) });

export type OperatedServer = z.infer<typeof serverSchema>;

type Call = { readonly method: 'GET' | 'POST' | 'DELETE'; readonly path: string; readonly microversion: string };

/** The few requests an operator's commands need. Whatever is refused is thrown, with the API's own sentence. */
export class OperatorApi {
  readonly #endpoint: ComputeEndpoint;

  constructor(endpoint: ComputeEndpoint) {
    this.#endpoint = endpoint;
  }

  /** By its id, or by its name where only one server of the project has it. */
  async findServer(nameOrId: string): Promise<OperatedServer> {
    if (/^[0-9a-f-]{36}$/i.test(nameOrId)) return this.server(nameOrId);
    const listing = { method: 'GET', path: '/servers/detail', microversion: SERVER } as const;
    const { body } = await this.#call(listing);
    const { servers } = z.looseObject({ servers: z.array(serverSchema) }).parse(body);
    const [found, another] = servers.filter(({ name }) => name === nameOrId);
    if (found === undefined) throw new Error(`there is no server ${nameOrId} in this project`);
    if (another !== undefined) throw new Error(`more than one server is called ${nameOrId}; give the id`);
    return found;
  }

  async server(id: string): Promise<OperatedServer> {
    const { body } = await this.#call({ method: 'GET', path: `/servers/${id}`, microversion: SERVER });
    return z.looseObject({ server: serverSchema }).parse(body).server;
  }

  /** The id of the request, which names its instance action. */
  async liveMigrate(id: string, host: string | null): Promise<string> {
    const call = { method: 'POST', path: `/servers/${id}/action`, microversion: RESCUED_MIGRATION } as const;
    const { requestId } = await this.#call(call, { 'os-migrateLive': { host, block_migration: 'auto' } });
    return requestId;
  }

  /** Why the action failed; null when it did not. */
  async failureOf(id: string, requestId: string): Promise<string | null> {
    const path = `/servers/${id}/os-instance-actions/${requestId}`;
    const { body } = await this.#call({ method: 'GET', path, microversion: INSTANCE_ACTION });
    const { instanceAction } = z.looseObject({ instanceAction: actionSchema }).parse(body);
    if (instanceAction.message !== 'Error') return null;
    const failed = instanceAction.events.find(({ result, details }) => result === 'Error' && (details ?? '') !== '');
    return failed?.details ?? 'it failed; administrators can see why';
  }

  /** The number of the migration under way; null when there is none. */
  async migrationInProgress(id: string): Promise<number | null> {
    const path = `/servers/${id}/migrations`;
    const { body } = await this.#call({ method: 'GET', path, microversion: MIGRATIONS });
    return migrationsSchema.parse(body).migrations[0]?.id ?? null;
  }

  async abort(id: string, migration: number): Promise<void> {
    await this.#call({ method: 'DELETE', path: `/servers/${id}/migrations/${migration}`, microversion: MIGRATIONS });
  }

  async forceComplete(id: string, migration: number): Promise<void> {
    const path = `/servers/${id}/migrations/${migration}/action`;
    await this.#call({ method: 'POST', path, microversion: MIGRATIONS }, { force_complete: null });
  }

  #call(
    { method, path, microversion }: Call,
    body?: object,
  ): Promise<{ readonly body: unknown; readonly requestId: string }> {
    const url = `${this.#endpoint.url}${path}`;
    const headers = { 'openstack-api-version': `compute ${microversion}` };
    return askCompute(this.#endpoint, { method, url, headers, ...(body === undefined ? {} : { body }) });
  }
}
