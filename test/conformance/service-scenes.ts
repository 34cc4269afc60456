import { z } from 'zod';
import type { GoldenPair } from './golden-pairs.ts';
import type { Scene } from './scene.ts';

const LISTED = z.object({
  services: z.array(
    z.object({
      host: z.string(),
      binary: z.string(),
      status: z.string(),
      state: z.string(),
      disabled_reason: z.string().nullable(),
    }),
  ),
});

/** Between 688 and this pair the recorder undid forced_down without recording it. */
const FORCED_UP_BEFORE = 690;

/** A list of services shows what the recorder had just done to them, recorded or not. */
export async function sceneServices(scene: Scene, { n, request, response }: GoldenPair): Promise<void> {
  if (n === FORCED_UP_BEFORE) return scene.services([], []);
  const listed = LISTED.safeParse(response.body);
  if (request.method !== 'GET' || !listed.success) return undefined;
  const compute = listed.data.services.filter(({ binary }) => binary === 'nova-compute');
  if (compute.length === 0) return undefined;
  const hosts = (matches: (service: (typeof compute)[number]) => boolean) =>
    compute.filter(matches).map(({ host }) => host);
  return scene.services(
    hosts(({ state }) => state === 'down'),
    hosts(({ status }) => status === 'disabled'),
    compute.find(({ disabled_reason: reason }) => reason !== null)?.disabled_reason ?? null,
  );
}
