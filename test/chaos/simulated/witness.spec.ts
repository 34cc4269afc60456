import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedGuest } from '../../../adapters/simulated/simulated-guest.ts';
import { instanceId, migrationId } from '../../../domain/shared/ids.ts';
import { SeededRandom } from '../seeded-random.ts';
import { ChaosWorld, HOSTS } from './chaos-world.ts';
import { Requests } from './requests.ts';
import { isAtRest, passTimeUntil } from './round-scene.ts';
import { Witness } from './witness.ts';

const [HOME, OTHER] = HOSTS;

/** An active server on the first host, of which nothing is wrong yet. */
async function activeServer() {
  const world = new ChaosWorld(new SeededRandom(1));
  const witness = new Witness(world);
  const requests = new Requests(world);
  void world.start();
  await passTimeUntil(world, () => world.process !== null);
  void requests.create();
  const { cloud } = world;
  await passTimeUntil(world, () => world.instanceId !== null && isAtRest(world, requests, world.instanceId));
  const id = world.instanceId ?? instanceId('');
  const home = cloud.host(HOME);
  const guest = home.guests.get(id);
  if (guest === undefined) throw new Error('the server has no guest');
  return { world, witness, id, home, other: cloud.host(OTHER), guest };
}

let server: Awaited<ReturnType<typeof activeServer>>;
beforeEach(async () => {
  server = await activeServer();
});

const told = () => server.witness.violations.map(({ invariant }) => invariant);

describe('the witness of a simulated round', () => {
  it('has nothing to say of a server that was created', () => {
    expect(server.guest.state).toBe('running');
    expect(told()).toEqual([]);
  });

  it('sees a second copy, even for a moment', () => {
    const { world, id, other, guest } = server;
    world.cloud.putGuest(other, id, guest, 'takenOver');
    world.cloud.removeGuest(other, id);
    expect(told()).toContain('oneCopy');
  });

  it('sees the last copy go, unless somebody has ended it', () => {
    const { world, witness, id, home, guest } = server;
    witness.protect();
    const off: SimulatedGuest = { ...guest, state: 'crashed', bootId: null };
    witness.release();
    world.cloud.putGuest(home, id, off, 'guestStopped');
    expect(told()).toEqual([]);
    world.cloud.putGuest(home, id, guest, 'guestResumed');
    witness.protect();
    world.cloud.putGuest(home, id, off, 'guestStopped');
    expect(told()).toEqual(['oneCopy']);
  });

  it('sees the original disk go', () => {
    const { world, id, home } = server;
    world.cloud.removeFile(home, id, 'disk');
    expect(told()).toEqual(['disksIntact']);
  });

  it('sees the copy run on that the guest has left behind', () => {
    const { world, id, home, other, guest } = server;
    const outgoing = {
      migrationId: migrationId('a migration'),
      stateBefore: 'running',
      handedOver: true,
      aborted: false,
      forced: false,
    } as const;
    const disk = home.directories.get(id)?.files.get('disk');
    if (disk === undefined) throw new Error('the server has no disk');
    world.cloud.createDirectory(other, id, null);
    world.cloud.writeFile(other, id, 'disk', disk);
    world.cloud.putGuest(home, id, { ...guest, state: 'paused', outgoing }, 'handedOver');
    world.cloud.putGuest(other, id, guest, 'takenOver');
    world.cloud.putGuest(other, id, { ...guest, state: 'crashed', bootId: null }, 'guestStopped');
    expect(told()).toEqual([]);
    world.cloud.putGuest(home, id, guest, 'guestResumed');
    expect(told()).toEqual(['saidOnce']);
  });
});
