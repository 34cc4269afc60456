import { EventStoreDBClient } from '@eventstore/db-client';
import { parseEventStoreDbUrl, withoutPassword } from './eventstoredb-url.ts';

/** A client that others in this process may use too; `release` once, when this holder needs it no more. */
export type SharedClient = {
  readonly client: EventStoreDBClient;
  /** The URL of its server for errors and logs, without user and password. */
  readonly server: string;
  readonly release: () => Promise<void>;
};

/** One client for each server in a process: the connection is shared, and so is its knowledge of who leads. */
export function shareEventStoreDbClient(url: string): SharedClient {
  const shared = clients.get(url) ?? { client: openClient(url), holders: 0 };
  clients.set(url, shared);
  shared.holders += 1;
  let held = true;
  return {
    client: shared.client,
    server: withoutPassword(url),
    release: async () => {
      if (!held) return;
      held = false;
      shared.holders -= 1;
      if (shared.holders > 0) return;
      clients.delete(url);
      await shared.client.dispose();
    },
  };
}

const clients = new Map<string, { readonly client: EventStoreDBClient; holders: number }>();

class SteadyClient extends EventStoreDBClient {
  // Batch appends have no deadline at the client, and a failed connection rejects those of every other client in the
  // process. Whoever is told that the server has none appends each with a call and a deadline of its own. It also saves
  // asking the server for its features, a call without a deadline.
  protected override supports = async (): Promise<boolean> => false;

  /** A second failure while the cluster is searched for would end the process as an unhandled rejection. */
  steady(): this {
    const reconnect = this.handleError;
    this.handleError = (client, error) => reconnect(client, error).catch(() => undefined);
    return this;
  }
}

function openClient(url: string): EventStoreDBClient {
  const { settings, channel, credentials } = parseEventStoreDbUrl(url);
  if ('discover' in settings) return new SteadyClient(settings, channel, credentials).steady();
  if ('endpoints' in settings) return new SteadyClient(settings, channel, credentials).steady();
  return new SteadyClient(settings, channel, credentials).steady();
}
