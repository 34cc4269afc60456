import { z } from 'zod';

const absolutePath = z.string().regex(/^\/[^\0]*[^/\0]$/, 'an absolute path without a slash at the end');

/** Where one host keeps its servers. */
export const hostStorage = {
  instancesPath: absolutePath
    .default('/var/lib/lifeboat/instances')
    .describe('A directory for each server is made below it, on that host.'),
  disksPath: absolutePath
    .nullable()
    .default(null)
    .describe(
      'Where new disks of servers lie, instead of in those directories: the target path of a storage pool of its libvirt ' +
        '(`/dev/GROUP` for a volume group); only for hypervisor `libvirt`.',
    ),
};

/** The key `simulatedStorage`. */
export const simulatedStorageSchema = z
  .enum(['local', 'shared'])
  .default('local')
  .describe("`shared`: all hosts have the same directory for a server's files; only for hypervisor `simulated`.");
