import { describe, expect, it } from 'vitest';
import { cachedNameOf } from '../../../adapters/libvirt/cached-image.ts';
import { withoutLayers } from '../../../adapters/libvirt/layered-disks.ts';
import { volumeDefinition } from '../../../adapters/libvirt/volume-definition.ts';
import { goldenDefinition } from './golden-definition.ts';

const NAME = '356a192b7913b04c54574d18c28d46e6395428ab';

describe('a disk that is layered on an image', () => {
  it('tells by the path alone which image that is', () => {
    expect(cachedNameOf(`/instances/_base/${NAME}`)).toBe(NAME);
    for (const path of [`/instances/${NAME}`, `/instances/_base/${NAME}.part`, `/_base/../${NAME}`, '', NAME]) {
      expect(cachedNameOf(path)).toBeNull();
    }
  });

  it('is made with the file below it and that file’s format', () => {
    const layeredOn = { path: `/instances/_base/${NAME}`, format: 'raw' } as const;
    const volume = volumeDefinition({ name: 'disk', format: 'qcow2', capacityBytes: 512, layeredOn });
    expect(volume).toContain(
      `<backingStore><path>/instances/_base/${NAME}</path><format type="raw"/></backingStore></volume>`,
    );
    expect(volumeDefinition({ name: 'disk', format: 'qcow2', capacityBytes: 512 })).not.toContain('backingStore');
  });

  it('migrates without libvirt’s note of its layers, and whole disks keep theirs', () => {
    const source = goldenDefinition('original-inactive');
    const end = '<backingStore/>';
    const layer = `<backingStore type="file"><format type="raw"/><source file="/instances/_base/${NAME}"/>${end}</backingStore>`;
    const noted = (text: string): string => source.replace('</disk>', `${text}</disk>`);
    expect(withoutLayers(noted(layer))).not.toContain('backingStore');
    expect(withoutLayers(noted(end))).toBe(noted(end));
  });
});
