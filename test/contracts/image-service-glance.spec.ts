import { GLANCE_LIMITS } from '../../adapters/images/glance-connection.ts';
import { GlanceImageService } from '../../adapters/images/glance-image-service.ts';
import { GlanceProtocolServer } from '../support/glance-protocol-server.ts';
import { imageServiceContract, type ImageServiceUnderTest } from './image-service.contract.ts';

async function start(): Promise<ImageServiceUnderTest> {
  const server = await GlanceProtocolServer.start();
  const service = new GlanceImageService({
    endpoint: server.endpoint,
    token: async () => server.token,
    limits: GLANCE_LIMITS,
    report: () => undefined,
  });
  return {
    service,
    put: async (image, data) => server.put(image, data),
    spoil: async (_image, how) => server.script({ fault: how }),
    breakDown: () => server.stop(),
    heldOpen: async () => {
      await server.allAnswersEnded();
      return 0;
    },
    close: () => server.stop(),
  };
}

imageServiceContract('Glance', start, { uploads: false });
