import { describe, expect, it } from 'vitest';
import { inquireGuest } from '../../application/inquire-guest.ts';
import type { GuestPresence } from '../../application/ports/hypervisor-driver.ts';
import { instanceId } from '../../domain/shared/ids.ts';
import { failed, succeeded } from '../../domain/shared/outcome.ts';

const ID = instanceId('0b5f3c9e-55d1-4f0e-8a65-1f9c1c2e7d10');
const WAITING: GuestPresence = { presence: 'present', power: 'paused', incoming: true };
const PAUSED_BY_OWNER: GuestPresence = { presence: 'present', power: 'paused', incoming: false };
const RUNNING: GuestPresence = { presence: 'present', power: 'running', incoming: false };
const saying = (presence: GuestPresence) => ({ inquire: async () => succeeded(presence) });

describe('a guest that both hosts are asked about', () => {
  it('is on neither for certain while its copy on the destination waits for Finish', async () => {
    const found = await inquireGuest(saying(RUNNING), saying(WAITING), ID);
    expect(found).toEqual({ whereabouts: 'undetermined', source: 'here', destination: 'inMigration' });
  });

  it('is on the source, waiting, when the destination has nothing', async () => {
    const found = await inquireGuest(saying(WAITING), saying({ presence: 'absent' }), ID);
    expect(found).toEqual({ whereabouts: 'onSource', source: 'inMigration', destination: 'absent' });
  });

  it('is on the destination when it is there as its owner left it, paused', async () => {
    const found = await inquireGuest(saying({ presence: 'absent' }), saying(PAUSED_BY_OWNER), ID);
    expect(found).toEqual({ whereabouts: 'onDestination', source: 'absent', destination: 'here' });
  });

  it('was on the destination when it has switched itself off there', async () => {
    const off: GuestPresence = { presence: 'present', power: 'shutdown', incoming: false };
    const found = await inquireGuest(saying(WAITING), saying(off), ID);
    expect(found).toEqual({ whereabouts: 'onDestination', source: 'inMigration', destination: 'off' });
  });

  it('is on neither for certain when it has died on the destination and its copy on the source waits', async () => {
    const dead: GuestPresence = { presence: 'present', power: 'crashed', incoming: false };
    const found = await inquireGuest(saying(WAITING), saying(dead), ID);
    expect(found).toEqual({ whereabouts: 'undetermined', source: 'inMigration', destination: 'crashed' });
  });

  it('has never been on the destination when its arrival failed there', async () => {
    const never: GuestPresence = { presence: 'present', power: 'neverStarted', incoming: false };
    const found = await inquireGuest(saying(WAITING), saying(never), ID);
    expect(found).toEqual({ whereabouts: 'onSource', source: 'inMigration', destination: 'neverStarted' });
  });

  it('may be anywhere when the destination does not answer', async () => {
    const silent = { inquire: async () => failed('no answer') };
    const found = await inquireGuest(saying(RUNNING), silent, ID);
    expect(found).toEqual({ whereabouts: 'undetermined', source: 'here', destination: 'unreachable' });
  });
});
