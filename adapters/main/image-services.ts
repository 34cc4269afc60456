import { readFile } from 'node:fs/promises';
import type { Clock } from '../../application/ports/clock.ts';
import type { ImageService } from '../../application/ports/image-service.ts';
import type { Log } from '../../application/ports/log.ts';
import { GLANCE_LIMITS } from '../images/glance-connection.ts';
import { GlanceImageService } from '../images/glance-image-service.ts';
import { LocalImageDirectory } from '../images/local-image-directory.ts';
import type { RemoteSimulatedCloud } from '../simulated/remote/remote-simulated-cloud.ts';
import { fillSimulatedImages } from '../simulated/simulated-image-catalogue.ts';
import { SimulatedImageService } from '../simulated/simulated-image-service.ts';
import type { Configuration } from './configuration.ts';

type ImageServiceDependencies = {
  readonly clock: Clock;
  readonly log: Log;
  /** The simulated cloud that other processes use too, where one is configured. */
  readonly shared: RemoteSimulatedCloud | null;
};

/** The image service that the configuration names. */
export function openImageService(
  { images }: Configuration,
  { clock, log, shared }: ImageServiceDependencies,
): ImageService {
  const report = (problem: string): void => log.warn({ problem }, 'The image service has something to say.');
  switch (images.kind) {
    case 'directory':
      return new LocalImageDirectory({ path: images.path, report });
    case 'glance': {
      // Read for each use, so that a token that is renewed in place is the one that is sent.
      const token = async (): Promise<string> => (await readFile(images.tokenFile, 'utf8')).trim();
      return new GlanceImageService({ endpoint: images.endpoint, token, limits: GLANCE_LIMITS, report });
    }
    case 'simulated': {
      if (shared !== null) return shared.images();
      const simulated = new SimulatedImageService(clock);
      fillSimulatedImages(simulated, clock.now());
      return simulated;
    }
  }
}
