import type { Container } from 'inversify';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../application/ports/log.ts';
import { buildHttpServer } from '../http/http-server.ts';
import { isLoopback } from '../http/no-authentication-identity.ts';
import { compose, reportedVersions } from './composition-root.ts';
import { startComputeWork } from './compute-work.ts';
import type { Configuration } from './configuration.ts';
import { followViews, openViews } from './open-views.ts';
import type { ProcessRole } from './process-role.ts';
import { refuseTooOld } from './refuse-too-old.ts';
import { TOKENS } from './tokens.ts';

const MS_PER_SECOND = 1000;

export type StartedProcess = {
  /** `http://address:port` of the API; null for a process that has none. */
  readonly url: string | null;
  /** Resolves when this process serves its hosts; another one may do so before. At once where it has none. */
  readonly ready: Promise<void>;
  /**
   * Rejects when the process cannot go on: the log holds an event that this version cannot read, or another process has
   * taken over what this one did.
   */
  readonly failed: Promise<never>;
  /**
   * Applies what may change while running: the service versions that the hosts report, and the users of a file. Rejects,
   * with a sentence for the operator, when that file cannot be used; then nothing has changed.
   */
  readonly reconfigure: (configuration: Configuration) => Promise<void>;
  /** Resolves after `stopGraceSeconds` at the latest; what is under way then can record nothing any more. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts one process of a fleet. Resolves when requests are answered.
 * Rejects, with a sentence for the operator, when the address is taken or not loopback, the store cannot be used, a host
 * lacks what is configured, or the compute service is too old for the fleet.
 */
export async function startProcess(configuration: Configuration, log: Log, role: ProcessRole): Promise<StartedProcess> {
  if (role.role !== 'compute') refuseOpenAddress(configuration);
  const container = await compose(configuration, log, { role });
  const stopping = new AbortController();
  try {
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    const lease = await holdLease(container, role, failed.reject);
    const missing = await container.get(TOKENS.hypervisors).missingCapabilities();
    if (missing.length > 0) throw new Error(missing.join('\n'));
    await openViews(container);
    // An API must start also while that view stands still, for an operator to say how it goes on.
    if (role.role === 'compute') {
      refuseTooOld(container.get(TOKENS.views).computeServices, reportedVersions(configuration), role);
    }
    const server = role.role === 'compute' ? null : buildHttpServer(container.get(TOKENS.http));
    const url = server === null ? null : await listen(server, configuration.listen);
    const background = startBackground(
      container,
      { configuration, role },
      { signal: stopping.signal, failed: failed.reject },
    );
    const stop = once(async () => {
      await server?.close();
      stopping.abort();
      const hasEnded = await settledWithin(background.ended, configuration.stopGraceSeconds * MS_PER_SECOND);
      if (!hasEnded) log.warn({}, 'Not everything that was under way has ended; it is taken up later.');
      await lease.end({ givesBack: hasEnded });
      await close(container);
    });
    const reconfigure = async (next: Configuration): Promise<void> => {
      container.get(TOKENS.identity).reload(next);
      await container.get(TOKENS.reporter).useVersions(reportedVersions(next));
    };
    return { url, ready: background.ready, failed: failed.promise, stop, reconfigure };
  } catch (error) {
    stopping.abort();
    await container.get(TOKENS.lease).end();
    await close(container);
    throw error;
  }
}

function refuseOpenAddress({ identity, listen: { address } }: Configuration): void {
  if (identity.kind !== 'none' || isLoopback(address)) return;
  throw new Error(
    `listen.address: found ${address}; expected a loopback address, because no identity service is configured ` +
      'and everybody who reaches this server would be its administrator',
  );
}

type Lease = {
  /** Renews no more. While something of this process is under way, nobody may take it over: then it gives nothing back. */
  readonly end: (how: { readonly givesBack: boolean }) => Promise<void>;
};

/** From here on, until `end`, nobody takes this process's work over. One that changes nothing outside needs none. */
async function holdLease(
  container: Container,
  { role }: ProcessRole,
  failed: (error: unknown) => void,
): Promise<Lease> {
  if (role === 'api') return { end: async () => undefined };
  const lease = container.get(TOKENS.lease);
  await lease.renew();
  const ending = new AbortController();
  const renewing = lease.run(ending.signal);
  for (const task of [renewing, lease.lost]) task.catch(failed);
  return {
    end: async ({ givesBack }) => {
      ending.abort();
      await renewing.catch(() => undefined);
      if (givesBack) await lease.end();
    },
  };
}

function startBackground(
  container: Container,
  process: { readonly configuration: Configuration; readonly role: ProcessRole },
  { signal, failed }: { readonly signal: AbortSignal; readonly failed: (error: unknown) => void },
): { readonly ready: Promise<void>; readonly ended: Promise<unknown> } {
  const following = followViews(container, signal);
  const work = process.role.role === 'api' ? null : startComputeWork(container, process, signal);
  const ready = work?.ready ?? Promise.resolve();
  const watching = ready.then(() => container.get(TOKENS.fleetWatch).run(signal));
  const all = [...following, watching, ...(work?.tasks ?? [])];
  for (const task of all) task.catch(failed);
  return { ready, ended: Promise.allSettled(all) };
}

async function listen(server: FastifyInstance, { address, port }: Configuration['listen']): Promise<string> {
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

async function close(container: Container): Promise<void> {
  const drivers = container.get(TOKENS.hosts).reachable();
  await Promise.all(drivers.map((driver) => driver.close()));
  await container.get(TOKENS.eventStore).close();
}

/** False: it has not within that time. */
async function settledWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const grace = Promise.withResolvers<false>();
  const timer = setTimeout(() => grace.resolve(false), milliseconds);
  const settled = await Promise.race([work.then(() => true), grace.promise]);
  clearTimeout(timer);
  return settled;
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= action());
}
