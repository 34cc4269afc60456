import { SimulatedImageService } from '../../adapters/simulated/simulated-image-service.ts';
import type { Clock } from '../../application/ports/clock.ts';
import { instant } from '../../domain/shared/ids.ts';
import { imageServiceContract, type ImageServiceUnderTest } from './image-service.contract.ts';

const stoppedClock: Clock = { now: () => instant('2026-01-01T00:00:00.000Z'), sleep: async () => undefined };

async function start(): Promise<ImageServiceUnderTest> {
  const service = new SimulatedImageService(stoppedClock);
  return {
    service,
    put: async (image, data) => service.put(image, data),
    spoil: async (image, how) => {
      if (how === 'cut') service.script(image.id, { fault: 'cut', afterBytes: 100_000 });
      else service.put(image, Buffer.alloc(image.sizeBytes));
    },
    breakDown: async () => service.setOutage('the simulated image service is down'),
    heldOpen: async () => service.openReaders,
    close: async () => undefined,
  };
}

imageServiceContract('simulated', start, { uploads: true });
