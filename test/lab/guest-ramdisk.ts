import { createHash } from 'node:crypto';
import { access, chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { publish, type GuestKernel } from './guest-kernel.ts';
import { requireCommand } from './run-command.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';

/** What the guest prints as `marker`, and so which ramdisk it was started from. */
export type RamdiskMarker = 'stock' | 'rescue-ramdisk';

export type GuestRamdisks = { readonly [marker in RamdiskMarker]: string };

const MARKERS: readonly RamdiskMarker[] = ['stock', 'rescue-ramdisk'];
const BUSYBOX = '/bin/busybox';
const INIT_SCRIPT = join(import.meta.dirname, 'guest-init.sh');
const CPIO_DEADLINE_MS = 30_000;
const DIRECTORIES: readonly string[] = ['bin', 'dev', 'proc', 'sys', 'mnt/vda', 'mnt/vdb', 'modules'];
const APPLETS: readonly string[] =
  'sh mount umount insmod sleep cat dd head cut sha256sum sync mv rm mkfifo dmesg poweroff'.split(' ');

/** Both ramdisks of the guest, from the cache or built; they are cached under a digest of everything they are made of. */
export async function provideGuestRamdisks(cacheDirectory: string, kernel: GuestKernel): Promise<GuestRamdisks> {
  const target = join(cacheDirectory, `ramdisks-${await digestOfIngredients(kernel)}`);
  const ramdisks = { stock: join(target, 'stock'), 'rescue-ramdisk': join(target, 'rescue-ramdisk') };
  if (await isThere(ramdisks.stock)) return ramdisks;
  const directory = makeTemporaryDirectory(join(cacheDirectory, '.ramdisks-'));
  const staging = directory.path;
  try {
    const finished = join(staging, 'finished');
    await mkdir(finished);
    const root = join(staging, 'root');
    await layOutRoot(root, kernel);
    for (const marker of MARKERS) {
      await writeFile(join(root, 'MARKER'), `${marker}\n`);
      await pack(root, join(staging, `${marker}.cpio`));
      await writeFile(join(finished, marker), gzipSync(await readFile(join(staging, `${marker}.cpio`))));
    }
    await publish(finished, target);
  } finally {
    directory.remove();
  }
  return ramdisks;
}

async function digestOfIngredients(kernel: GuestKernel): Promise<string> {
  const hash = createHash('sha256').update([kernel.version, ...DIRECTORIES, ...APPLETS].join(' '));
  for (const path of [BUSYBOX, INIT_SCRIPT, ...kernel.modulePaths]) hash.update(await readFile(path));
  return hash.digest('hex').slice(0, 16);
}

async function layOutRoot(root: string, kernel: GuestKernel): Promise<void> {
  for (const name of DIRECTORIES) await mkdir(join(root, name), { recursive: true });
  await copyFile(BUSYBOX, join(root, 'bin', 'busybox'));
  for (const applet of APPLETS) await symlink('busybox', join(root, 'bin', applet));
  await copyFile(INIT_SCRIPT, join(root, 'init'));
  await chmod(join(root, 'init'), 0o755);
  for (const path of kernel.modulePaths) await copyFile(path, join(root, 'modules', basename(path)));
}

async function pack(root: string, archive: string): Promise<void> {
  const files = await requireCommand(['find', '.', '-mindepth', '1', '-printf', '%P\\n'], {
    deadlineMs: CPIO_DEADLINE_MS,
    directory: root,
  });
  const argv = ['cpio', '--create', '--format=newc', '--owner=0:0', '--quiet', '-O', archive];
  await requireCommand(argv, { deadlineMs: CPIO_DEADLINE_MS, directory: root, input: files });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
