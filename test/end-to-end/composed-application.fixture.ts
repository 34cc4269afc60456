import { compose } from '../../adapters/main/composition-root.ts';
import type { Configuration } from '../../adapters/main/configuration.ts';
import { TOKENS } from '../../adapters/main/tokens.ts';
import { buildHttpServer } from '../../adapters/http/http-server.ts';
import type { ArtifactTransfer } from '../../application/ports/artifact-transfer.ts';
import type { DomainEvent, EventStore } from '../../application/ports/event-store.ts';
import { runSubscription } from '../../application/run-subscription.ts';
import { runnerSubscription } from '../../application/wake-ups.ts';
import type { Log } from '../../application/ports/log.ts';

export type Interventions = {
  /** Awaited once the event is in the log and before anybody acts on it: the moment at which a test breaks something. */
  readonly recorded: (event: DomainEvent) => Promise<void>;
  readonly transfer: ArtifactTransfer;
};

export type ComposedApplication = { readonly url: string; readonly stop: () => Promise<void> };

/** What `serve` runs, with a test's hands in the log and in the artifact transfer. */
export async function startComposedApplication(
  configuration: Configuration,
  log: Log,
  { recorded, transfer }: Interventions,
): Promise<ComposedApplication> {
  const container = await compose(configuration, log);
  const eventStore = afterAppend(container.get(TOKENS.eventStore), recorded);
  container.rebind(TOKENS.eventStore).toConstantValue(eventStore);
  container.rebind(TOKENS.transfer).toConstantValue(transfer);
  const views = container.get(TOKENS.views);
  await views.rebuild(eventStore);
  const stopping = new AbortController();
  const { signal } = stopping;
  const following = views.follow(eventStore, signal);
  const reporter = container.get(TOKENS.reporter);
  await container.get(TOKENS.lease).renew();
  const renewing = container.get(TOKENS.lease).run(signal);
  await container.get(TOKENS.claims).claim();
  // No host is chosen before it has said what it has.
  await reporter.beat();
  const reporting = reporter.run(signal);
  const runner = runnerSubscription(container.get(TOKENS.saga), signal);
  const checkpoints = container.get(TOKENS.checkpoints);
  const running = runSubscription({ eventStore, checkpoints }, runner, signal).then(runner.settled);
  const server = buildHttpServer(container.get(TOKENS.http));
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    stop: async () => {
      await server.close();
      stopping.abort();
      await Promise.all([following, reporting, running, renewing]);
      // The next one of this test is the same program to everybody: it would wait for this one's lease.
      await container.get(TOKENS.lease).end();
      await Promise.all(
        container
          .get(TOKENS.hosts)
          .all()
          .map((driver) => driver.close()),
      );
      await eventStore.close();
    },
  };
}

function afterAppend(inner: EventStore, recorded: Interventions['recorded']): EventStore {
  return {
    append: async (stream, expected, events) => {
      const answer = await inner.append(stream, expected, events);
      if (answer.answer === 'appended') for (const { data } of events) await recorded(data);
      return answer;
    },
    readStream: (stream, from) => inner.readStream(stream, from),
    readAll: (after, limit) => inner.readAll(after, limit),
    subscribe: (after, signal) => inner.subscribe(after, signal),
    close: () => inner.close(),
  };
}
