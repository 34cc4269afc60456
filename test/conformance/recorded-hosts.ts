import { z } from 'zod';
import type { Aliases } from './aliases.ts';
import type { GoldenPair } from './golden-pairs.ts';
import type { Scene } from './scene.ts';

const LISTED = z.object({
  services: z.array(z.object({ host: z.string(), binary: z.string(), id: z.uuid() })).default([]),
  hypervisors: z.array(z.object({ hypervisor_hostname: z.string(), id: z.uuid() })).default([]),
});

/** The ids of the compute services and of the hypervisors, by their hosts' names. */
export async function learnHosts(all: readonly GoldenPair[], scene: Scene, aliases: Aliases): Promise<void> {
  const recorded = idsOf(all.map(({ response }) => response.body));
  const [services, hypervisors] = await Promise.all([
    scene.ask('admin', 'GET', '/os-services'),
    scene.ask('admin', 'GET', '/os-hypervisors'),
  ]);
  const ours = idsOf([services, hypervisors].map(({ text }) => JSON.parse(text)));
  for (const [name, id] of recorded) {
    const here = ours.get(name);
    if (here !== undefined) aliases.learn(id, here);
  }
}

function idsOf(bodies: readonly unknown[]): ReadonlyMap<string, string> {
  const parsed = bodies.flatMap((body) => LISTED.safeParse(body).data ?? []);
  return new Map(
    parsed.flatMap(({ services, hypervisors }) => [
      ...services.map(({ host, binary, id }) => [`${binary} on ${host}`, id] as const),
      ...hypervisors.map(({ hypervisor_hostname: name, id }) => [`hypervisor ${name}`, id] as const),
    ]),
  );
}
