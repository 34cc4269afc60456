import type { GuestBoot } from '../lab/guest-console.ts';
import { NEWEST_UPSTREAM } from '../support/compute-client.ts';
import { DemoFailure, NEXT_LOOK_AT_LOGS } from './demo-failure.ts';
import type { StepReport } from './demo-output.ts';
import { requireAnswer, waitForGuest, waitForServer, type DemoRun } from './demo-run.ts';
import { consolePath } from './guest-consoles.ts';

export type Reported<Value> = { readonly value: Value; readonly report: StepReport };

/** `m1.nano`: one processor, 128 MiB, a disk as large as the image. */
const FLAVOR = '0';
const TICKS_BEFORE_MOVE_MIN = 3;

/** Step 1. Returns the server's id. The boot is waited for, so that the system disk has been written to once. */
export async function createServer(run: DemoRun): Promise<Reported<string>> {
  const { client, world } = run;
  const { name: host } = world.source;
  const server = await client.createServer({ name: 'patient', imageRef: world.originalImage, flavorRef: FLAVOR, host });
  const { host: on } = await waitForServer(run, server, 'ACTIVE');
  const path = consolePath(world.source, server);
  const { lastBoot } = await waitForGuest(run, path, 'first boot', ({ boots }) => boots.length === 1);
  return {
    value: server,
    report: {
      facts: { server, status: 'ACTIVE', host: on, boot: lastBoot },
      summary: `${server}, ACTIVE on ${on}`,
      details: null,
    },
  };
}

/** Step 2. Returns what the rescued guest said when it had booted and ticked a few times. */
export async function rescueServer(run: DemoRun, server: string): Promise<Reported<GuestBoot>> {
  const { client, world } = run;
  const body = { rescue: { rescue_image_ref: world.rescueImage } };
  requireAnswer(await client.action(server, body, NEWEST_UPSTREAM), 200, 'rescue');
  await waitForServer(run, server, 'RESCUE');
  const ticking = (boot: GuestBoot | null): boolean =>
    boot?.role === 'rescue' && boot.ticks.length >= TICKS_BEFORE_MOVE_MIN;
  const path = consolePath(world.source, server);
  const { lastBoot } = await waitForGuest(run, path, 'rescue system boots', (console) => ticking(console.lastBoot));
  const boot = requireBoot(lastBoot, 'rescue');
  return {
    value: boot,
    report: {
      facts: { status: 'RESCUE', boot_id: boot.bootId, tick: boot.ticks.at(-1), boot },
      summary: `RESCUE, boot ${boot.bootId.slice(0, 8)}… at tick ${boot.ticks.at(-1)}`,
      details: null,
    },
  };
}

type Unrescued = { readonly boot: GuestBoot; readonly host: string | null };

/** Step 5. Returns the first boot after the rescue. */
export async function unrescueServer(run: DemoRun, server: string): Promise<Reported<Unrescued>> {
  const { client, world } = run;
  requireAnswer(await client.action(server, { unrescue: null }, NEWEST_UPSTREAM), 202, 'unrescue');
  const { host } = await waitForServer(run, server, 'ACTIVE');
  const path = consolePath(world.destination, server);
  const { lastBoot } = await waitForGuest(run, path, 'original system boots', ({ boots }) => boots.length > 0);
  const boot = requireBoot(lastBoot, 'original');
  return {
    value: { boot, host },
    report: {
      facts: { status: 'ACTIVE', host, boot },
      summary: `ACTIVE on ${host}, boot ${boot.boots} of the disk "${boot.role}"`,
      details: null,
    },
  };
}

function requireBoot(boot: GuestBoot | null, which: string): GuestBoot {
  if (boot !== null) return boot;
  const why = 'The serial console lacks its first line.';
  throw new DemoFailure({ what: `The ${which} system did not say that it booted.`, why, next: NEXT_LOOK_AT_LOGS });
}
