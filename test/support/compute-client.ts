import { z } from 'zod';
import {
  ACTION,
  ACTIONS,
  CREATED,
  FAULT,
  IN_PROGRESS,
  MIGRATIONS,
  SERVER,
  SERVICES,
  type InstanceActionAnswer,
  type MigrationAnswer,
  type MigrationInProgressAnswer,
  type ServerAnswer,
  type ServiceAnswer,
} from './compute-answers.ts';

type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

type ComputeRequest = {
  readonly method: HttpMethod;
  /** Below `/v2.1`, such as `/servers`. */
  readonly path: string;
  /** Such as `2.105`. */
  readonly microversion: string;
  readonly body?: unknown;
};

export type ComputeAnswer = {
  readonly status: number;
  /** Null for an empty body. */
  readonly body: unknown;
  /** Nova's sentence in a fault; null in any other answer. */
  readonly message: string | null;
  readonly requestId: string | null;
};

type NewServer = {
  readonly configDrive?: boolean;
  readonly name: string;
  readonly imageRef: string;
  readonly flavorRef: string;
  /** Compute host the server is forced to; null leaves the choice to the scheduler. */
  readonly host: string | null;
};

/** An answer that the caller did not reckon with; the message holds the request and the answer. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

const REQUEST_DEADLINE_MS = 15_000;
const BODY_SHOWN_CHARACTERS_MAX = 1000;
/** Newest microversion upstream knows, and the one of this program. */
export const NEWEST_UPSTREAM = '2.104';
export const RESCUED_MIGRATION = '2.105';
const PROGRESS_WITH_UUIDS = '2.80';

/**
 * A client of the Compute API as end-to-end tests need it: over real HTTP, every answer checked against what clients
 * rely on. Methods named after a question throw `UnexpectedAnswer` for any status but the good one; `request` and
 * `action` hand back every status. Each request ends within 15 s. No authentication.
 */
export class ComputeClient {
  readonly #base: string;

  /** `baseUrl` is the server's address without `/v2.1`. */
  constructor(baseUrl: string) {
    this.#base = `${baseUrl}/v2.1`;
  }

  async request({ method, path, microversion, body }: ComputeRequest): Promise<ComputeAnswer> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        'openstack-api-version': `compute ${microversion}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
    });
    const text = await response.text();
    const answer = text === '' ? null : jsonOrText(text);
    const message = Object.values(FAULT.safeParse(answer).data ?? {})[0]?.message ?? null;
    return {
      status: response.status,
      body: answer,
      message,
      requestId: response.headers.get('x-openstack-request-id'),
    };
  }

  /** `POST /servers/{id}/action`, whatever the answer. */
  action(server: string, body: object, microversion: string): Promise<ComputeAnswer> {
    return this.request({ method: 'POST', path: `/servers/${server}/action`, microversion, body });
  }

  /** Returns the new server's id. */
  async createServer({ name, imageRef, flavorRef, host, configDrive = false }: NewServer): Promise<string> {
    const zone = host === null ? {} : { availability_zone: `nova:${host}` };
    const body = { server: { name, imageRef, flavorRef, networks: 'none', config_drive: configDrive, ...zone } };
    const request = { method: 'POST', path: '/servers', microversion: RESCUED_MIGRATION, body } as const;
    return parsed(request, await this.request(request), 202, CREATED).server.id;
  }

  async server(id: string): Promise<ServerAnswer> {
    return (await this.#get(`/servers/${id}`, RESCUED_MIGRATION, SERVER)).server;
  }

  /** `GET /servers/{id}/migrations`: only those in progress, with the transfer's counters. */
  async migrationsInProgress(server: string): Promise<readonly MigrationInProgressAnswer[]> {
    return (await this.#get(`/servers/${server}/migrations`, PROGRESS_WITH_UUIDS, IN_PROGRESS)).migrations;
  }

  /** `GET /os-migrations`: newest first. */
  async migrations(server: string): Promise<readonly MigrationAnswer[]> {
    return (await this.#get(`/os-migrations?instance_uuid=${server}`, NEWEST_UPSTREAM, MIGRATIONS)).migrations;
  }

  /** Every action on the server with its events, oldest first. */
  async instanceActions(server: string): Promise<readonly InstanceActionAnswer[]> {
    const path = `/servers/${server}/os-instance-actions`;
    const { instanceActions } = await this.#get(path, NEWEST_UPSTREAM, ACTIONS);
    const details = instanceActions.map(({ request_id }) =>
      this.#get(`${path}/${request_id}`, NEWEST_UPSTREAM, ACTION),
    );
    return (await Promise.all(details)).map(({ instanceAction }) => instanceAction).toReversed();
  }

  async services(): Promise<readonly ServiceAnswer[]> {
    return (await this.#get('/os-services', NEWEST_UPSTREAM, SERVICES)).services;
  }

  async #get<Answer>(path: string, microversion: string, schema: z.ZodType<Answer>): Promise<Answer> {
    const request = { method: 'GET', path, microversion } as const;
    return parsed(request, await this.request(request), 200, schema);
  }
}

function parsed<Answer>(
  { method, path, microversion }: ComputeRequest,
  { status, body }: ComputeAnswer,
  expectedStatus: number,
  schema: z.ZodType<Answer>,
): Answer {
  const outcome = schema.safeParse(body);
  if (status === expectedStatus && outcome.success) return outcome.data;
  const shown = JSON.stringify(body).slice(0, BODY_SHOWN_CHARACTERS_MAX);
  const wrong = outcome.success || status !== expectedStatus ? '' : ` (${z.prettifyError(outcome.error)})`;
  throw new UnexpectedAnswer(
    `${method} ${path} at ${microversion}: expected ${expectedStatus}, got ${status} ${shown}${wrong}`,
  );
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
