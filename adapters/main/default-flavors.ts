/** Nova's classic flavors and two small ones, for a deployment that configures none. */
export const DEFAULT_FLAVORS = [
  { id: '0', name: 'm1.nano', vcpus: 1, ramMiB: 128, diskGiB: 0, description: null, extraSpecs: {} },
  { id: '1', name: 'm1.tiny', vcpus: 1, ramMiB: 512, diskGiB: 1, description: null, extraSpecs: {} },
  { id: '2', name: 'm1.small', vcpus: 1, ramMiB: 2048, diskGiB: 20, description: null, extraSpecs: {} },
  { id: '3', name: 'm1.medium', vcpus: 2, ramMiB: 4096, diskGiB: 40, description: null, extraSpecs: {} },
  { id: '4', name: 'm1.large', vcpus: 4, ramMiB: 8192, diskGiB: 80, description: null, extraSpecs: {} },
];
