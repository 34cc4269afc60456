import { mkdtemp, readdir, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metadataOf } from '../../adapters/images/image-metadata.ts';
import { LocalImageDirectory } from '../../adapters/images/local-image-directory.ts';
import { imageServiceContract, type ImageServiceUnderTest } from './image-service.contract.ts';

async function start(): Promise<ImageServiceUnderTest> {
  const path = await mkdtemp(join(tmpdir(), 'lifeboat-images-'));
  return {
    service: new LocalImageDirectory({ path, report: () => undefined }),
    put: async (image, data) => {
      await writeFile(join(path, `${image.id}.json`), JSON.stringify(metadataOf(image)));
      if (data !== null) await writeFile(join(path, `${image.id}.data`), data);
    },
    spoil: async (image, how) => {
      const file = join(path, `${image.id}.data`);
      if (how === 'cut') await truncate(file, 1000);
      else await writeFile(file, Buffer.alloc(image.sizeBytes));
    },
    breakDown: () => rm(path, { recursive: true }),
    heldOpen: () => openFilesBelow(path),
    close: () => rm(path, { recursive: true, force: true }),
  };
}

async function openFilesBelow(path: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd');
  const targets = await Promise.all(descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(path)).length;
}

imageServiceContract('local directory', start, { uploads: true });
