import type { Container } from 'inversify';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../application/ports/log.ts';
import { runSubscription } from '../../application/run-subscription.ts';
import { runnerSubscription } from '../../application/wake-ups.ts';
import { buildHttpServer } from '../http/http-server.ts';
import { isLoopback } from '../http/no-authentication-identity.ts';
import { compose, reportedVersions } from './composition-root.ts';
import type { Configuration } from './configuration.ts';
import { TOKENS } from './tokens.ts';

/** How long work that has begun may go on after the process was asked to stop; what then is unfinished is taken up at the next start. */
const STOP_GRACE_MS = 30_000;

export type Served = {
  /** `http://address:port` of the API. */
  readonly url: string;
  /** Rejects when the process cannot go on: the log holds an event that this version cannot read. */
  readonly failed: Promise<never>;
  /**
   * Applies what may change while running: the service versions that the hosts report, and the users of a file. Rejects,
   * with a sentence for the operator, when that file cannot be used; then nothing has changed.
   */
  readonly reconfigure: (configuration: Configuration) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * The API and every compute service in one process. Resolves when requests are answered. Rejects, with a sentence for
 * the operator, when the address is taken or not loopback, the store cannot be used, or a host lacks what is configured.
 */
export async function serve(configuration: Configuration, log: Log): Promise<Served> {
  const { address, port } = configuration.listen;
  if (configuration.identity.kind === 'none' && !isLoopback(address)) {
    throw new Error(
      `listen.address: found ${address}; expected a loopback address, because no identity service is configured ` +
        'and everybody who reaches this server would be its administrator',
    );
  }
  const container = await compose(configuration, log);
  const views = container.get(TOKENS.views);
  const eventStore = container.get(TOKENS.eventStore);
  const stopping = new AbortController();
  try {
    const missing = await container.get(TOKENS.hypervisors).missingCapabilities();
    if (missing.length > 0) throw new Error(missing.join('\n'));
    await views.rebuild(eventStore);
    const server = buildHttpServer(container.get(TOKENS.http));
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    const background = startBackground(container, stopping.signal, failed.reject);
    const url = await listen(server, address, port);
    const stop = once(async () => {
      await server.close();
      stopping.abort();
      await settledWithin(background, STOP_GRACE_MS);
      await Promise.all(
        container
          .get(TOKENS.hosts)
          .all()
          .map((driver) => driver.close()),
      );
      await eventStore.close();
    });
    const reconfigure = async (next: Configuration): Promise<void> => {
      container.get(TOKENS.identity).reload(next);
      await container.get(TOKENS.reporter).useVersions(reportedVersions(next));
    };
    return { url, failed: failed.promise, stop, reconfigure };
  } catch (error) {
    stopping.abort();
    await Promise.all(
      container
        .get(TOKENS.hosts)
        .all()
        .map((driver) => driver.close()),
    );
    await eventStore.close();
    throw error;
  }
}

function startBackground(
  container: Container,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<unknown> {
  const eventStore = container.get(TOKENS.eventStore);
  const following = container.get(TOKENS.views).follow(eventStore, signal);
  const reporter = container.get(TOKENS.reporter);
  const firstBeat = reporter.beat();
  const reporting = firstBeat.then(() => reporter.run(signal));
  const runner = runnerSubscription(container.get(TOKENS.saga), signal);
  const checkpoints = container.get(TOKENS.checkpoints);
  // Not before the hosts were asked once: work taken up after a restart would find no host that fits.
  const running = firstBeat
    .then(() => runSubscription({ eventStore, checkpoints }, runner, signal))
    .then(() => runner.settled());
  const watches = [container.get(TOKENS.powerStates), container.get(TOKENS.rescueTimeout)];
  const watching = watches.map((watch) => firstBeat.then(() => watch.run(signal)));
  const all = [following, reporting, running, ...watching];
  for (const task of all) task.catch(failed);
  return Promise.allSettled(all);
}

async function listen(server: FastifyInstance, address: string, port: number): Promise<string> {
  try {
    return await server.listen({ host: address, port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(
        `listen.port: found ${port}; expected a free port, but another program listens on ${address}:${port}. ` +
          'Stop it, or set LIFEBOAT_LISTEN_PORT.',
        { cause: error },
      );
    }
    throw error;
  }
}

async function settledWithin(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const grace = Promise.withResolvers<null>();
  const timer = setTimeout(() => grace.resolve(null), milliseconds);
  await Promise.race([work, grace.promise]);
  clearTimeout(timer);
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= action());
}
