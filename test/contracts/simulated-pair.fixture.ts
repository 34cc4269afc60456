import { setTimeout as delay } from 'node:timers/promises';
import { SimulatedArtifactTransfer } from '../../adapters/simulated/simulated-artifact-transfer.ts';
import { SimulatedClock } from '../../adapters/simulated/simulated-clock.ts';
import { SimulatedCloud, type SimulatedStorage } from '../../adapters/simulated/simulated-cloud.ts';
import { SimulatedDriver, type SimulatedParts } from '../../adapters/simulated/simulated-driver.ts';
import { SimulatedFaults } from '../../adapters/simulated/simulated-faults.ts';
import { SimulatedImageService } from '../../adapters/simulated/simulated-image-service.ts';
import type { GuestDescription } from '../../application/ports/hypervisor-driver.ts';
import type { BootImages } from '../../domain/instance/boot-images.ts';
import {
  hostName,
  imageId,
  instanceId,
  type HostName,
  type ImageId,
  type InstanceId,
} from '../../domain/shared/ids.ts';
import type { GuestVoice } from './hypervisor-driver.fixture.ts';

export const [SOURCE, DESTINATION] = [hostName('compute-a'), hostName('compute-b')];
const LISTENING_MS = 1000;

/** A simulated cloud of two hosts with images, whose time a test moves by itself. */
export function simulatedPair(storage: SimulatedStorage = 'local') {
  const clock = new SimulatedClock();
  const cloud = new SimulatedCloud(clock, storage);
  const faults = new SimulatedFaults(cloud);
  const images = new SimulatedImageService(clock);
  const parts: SimulatedParts = { cloud, faults, images };
  for (const host of [SOURCE, DESTINATION]) cloud.addHost(host);
  return {
    clock,
    cloud,
    faults,
    images,
    bootImages: bootImages(images, 'stock'),
    rescueImages: bootImages(images, 'rescue'),
    transfer: new SimulatedArtifactTransfer(cloud, faults),
    driver: (host: HostName) => new SimulatedDriver(host, parts),
    driverOfAnotherProcess: (host: HostName) => new SimulatedDriver(host, parts),
    /** Another process with its own drivers of the same hosts, which lack the capability. */
    driverWithoutRescuedMigration: (host: HostName) => {
      const incapable = new SimulatedCloud(clock);
      incapable.addHost(host).supportsLiveMigrateRescued = false;
      return new SimulatedDriver(host, { ...parts, cloud: incapable });
    },
    listen: async (host: HostName, instance: InstanceId): Promise<GuestVoice> => {
      const before = cloud.guest(host, instance)?.ticks ?? 0;
      await clock.sleep(LISTENING_MS);
      return voiceOf(cloud, host, instance, before);
    },
  };
}

export function guestOf(images: BootImages): GuestDescription {
  const flavor = { id: '1', name: 'm1.tiny', vcpus: 1, ramMiB: 128, diskGiB: 1 };
  return { instanceId: instanceId(crypto.randomUUID()), name: 'server', flavor, images, networkInterfaces: [] };
}

/** Moves the clock on for as long as anybody sleeps, for tests that know of real time only. */
export function keepMoving(clock: SimulatedClock): { readonly end: () => Promise<void> } {
  const ending = new AbortController();
  const moving = (async () => {
    while (!ending.signal.aborted) {
      await clock.runUntilIdle();
      await delay(1);
    }
  })();
  return {
    end: async () => {
      ending.abort();
      await moving;
    },
  };
}

function voiceOf(cloud: SimulatedCloud, host: HostName, instance: InstanceId, before: number): GuestVoice {
  const guest = cloud.guest(host, instance);
  if (guest === null || guest.bootId === null || guest.bootedFrom === null || guest.ticks <= before) {
    throw new Error(`the guest ${instance} on ${host} says nothing: ${JSON.stringify(guest)}`);
  }
  const disk = cloud.host(host).directories.get(instance)?.files.get(guest.bootedFrom);
  const content: unknown = JSON.parse(Buffer.from(disk?.content ?? '').toString('utf8'));
  const diskBoots = typeof content === 'object' && content !== null && 'boots' in content ? content.boots : null;
  if (typeof diskBoots !== 'number') throw new Error(`the disk of ${instance} on ${host} has no boot counter`);
  return { bootId: guest.bootId, bootedFrom: guest.bootedFrom, diskBoots, ticks: guest.ticks };
}

function bootImages(images: SimulatedImageService, name: string): BootImages {
  return {
    imageId: putImage(images, `${name} disk`, 100_000),
    kernelId: putImage(images, `${name} kernel`, 300_000),
    ramdiskId: putImage(images, `${name} ramdisk`, 50_000),
  };
}

function putImage(images: SimulatedImageService, name: string, sizeBytes: number): ImageId {
  const id = imageId(crypto.randomUUID());
  const at = '2026-01-01T00:00:00Z';
  const image = { diskFormat: 'raw', containerFormat: 'bare', status: 'active', visibility: 'public' } as const;
  const data = Buffer.alloc(sizeBytes, `${name} ${id}`);
  const facts = { id, name, sizeBytes, sha256: null, minDiskGiB: 0, minRamMiB: 0, properties: {} };
  images.put({ ...image, ...facts, createdAt: at, updatedAt: at }, data);
  return id;
}
