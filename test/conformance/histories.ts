import type { Aliases } from './aliases.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import type { GoldenPair } from './golden-pairs.ts';
import { describedIn, type RecordedServer } from './recorded-servers.ts';
import type { Scene } from './scene.ts';

/** What had happened before the first pair of a group, as far as its answers tell of it. */
export async function writeHistory(
  group: string,
  all: readonly GoldenPair[],
  scene: Scene,
  servers: ReadonlyMap<string, RecordedServer>,
  aliases: Aliases,
  world: ConformanceWorld,
): Promise<void> {
  void [group, all, scene, servers, aliases, world, describedIn];
}
