import { randomUUID } from 'node:crypto';
import { encodeEvent, type StoredEvent } from '../../adapters/event-store/event-codec.ts';
import type { LogEntry } from '../../adapters/event-store/log-entry.ts';
import type { LogTarget } from '../../adapters/event-store/stored-log.ts';
import type { DomainEvent, StreamName } from '../../application/ports/event-store.ts';
import {
  AT,
  CREATE_REQUESTED,
  DESTINATION,
  INITIATOR,
  MIGRATION,
  MIGRATION_REQUESTED,
  SERVER,
  SOURCE,
} from '../domain/instance-histories.fixture.ts';
import { MIGRATION_HISTORY } from './migration-history.ts';

/** Events of each server: created, migrated once, and locked and unlocked for the rest of its life. */
export const SERVER_EVENTS = 50;
/** One for each so many servers, as a fleet of 1,000 has them with 20,000 servers. */
const SERVERS_OF_HOST = 20;

type Line = { readonly ofSaga: boolean; readonly stored: StoredEvent };

const line = (data: DomainEvent, ofSaga = false): Line => ({ ofSaga, stored: encodeEvent(data) });

const MOVE: readonly Line[] = [
  line(CREATE_REQUESTED),
  line({ type: 'InstanceScheduled', host: SOURCE, at: AT }),
  line({ type: 'InstanceSpawned', at: AT }),
  line(MIGRATION_REQUESTED),
  ...MIGRATION_HISTORY.map((data) => line(data, true)),
  line({ type: 'DestinationAdopted', migrationId: MIGRATION, host: DESTINATION, at: AT }),
  line({ type: 'LiveMigrationCompleted', migrationId: MIGRATION, at: AT }),
];
const LOCKS: readonly Line[] = [
  line({ type: 'InstanceLocked', initiator: INITIATOR, reason: null, at: AT }),
  line({ type: 'InstanceUnlocked', initiator: INITIATOR, at: AT }),
];
const LIFE: readonly Line[] = Array.from({ length: SERVER_EVENTS }, (_, index) => {
  const known = MOVE[index] ?? LOCKS[index % LOCKS.length];
  if (known === undefined) throw new Error('no lock');
  return known;
});

/** Writes that many servers' lives, a page for each, and answers the streams of the servers. */
export async function writeServers(log: LogTarget, servers: number): Promise<readonly StreamName[]> {
  const streams: StreamName[] = [];
  for (let number = 0; number < servers; number += 1) {
    const [server, migration] = [randomUUID(), randomUUID()];
    streams.push(`instance-${server}`);
    await log.write(lifeOf(server, migration, Math.floor(number / SERVERS_OF_HOST)));
  }
  await log.commit();
  return streams;
}

function lifeOf(server: string, migration: string, host: number): readonly LogEntry[] {
  const revisions = new Map<string, number>();
  return LIFE.map(({ ofSaga, stored }) => {
    const stream = ofSaga ? `migrationSaga-${migration}` : `instance-${server}`;
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const data = stored.data
      .replaceAll(SERVER, server)
      .replaceAll(MIGRATION, migration)
      .replaceAll(SOURCE, `host-${host}`)
      .replaceAll(DESTINATION, `host-${host + 1}`);
    const metadata = { correlationId: `req-${server}`, causationId: `req-${server}`, actor: INITIATOR.userId };
    return { ...stored, data, id: randomUUID(), metadata, stream, revision, position: 0, recordedAt: AT, hash: null };
  });
}
