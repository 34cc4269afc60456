import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabDirectory, LabHostFacts } from './lab-host.ts';

export type LabLayout = {
  readonly directory: string;
  readonly subnet: string;
  /** Random, so that the interfaces of laboratories that run at once differ. */
  readonly suffix: string;
  readonly extraDirectories: readonly string[];
};

// struct sockaddr_un holds 108 bytes with the closing zero.
const SOCKET_PATH_MAX_BYTES = 107;
const PLAIN_NAME = /^[a-z][a-z0-9-]{0,30}$/;
const SUBNET_FORM = /^\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** A new directory for one laboratory, on a file system that takes O_DIRECT, which `cache='none'` of a disk needs. */
export function newLabDirectory(): string {
  const refused: string[] = [];
  for (const parent of [tmpdir(), '/var/tmp']) {
    const directory = mkdtempSync(join(parent, 'lb-'));
    if (takesDirectInput(directory)) return directory;
    rmSync(directory, { recursive: true, force: true });
    refused.push(parent);
  }
  throw new Error(`no directory for the laboratory: ${refused.join(' and ')} cannot open files with O_DIRECT`);
}

export function hostDirectoryOf(layout: LabLayout, name: string): string {
  return join(layout.directory, 'hosts', name);
}

/** The directories that hold content per host: their mount point on every host, and where the content really is. */
export function contentDirectories(layout: LabLayout, name: string): readonly LabDirectory[] {
  return ['instances', ...layout.extraDirectories].map((directory) => ({
    name: directory,
    inside: join(layout.directory, directory),
    outside: join(hostDirectoryOf(layout, name), directory),
  }));
}

/** Everything the laboratory makes in its directory, for removal. */
export function labPaths(layout: LabLayout): readonly string[] {
  return ['hosts', 'instances', ...layout.extraDirectories].map((name) => join(layout.directory, name));
}

export function hostFacts(layout: LabLayout, name: string, index: number): LabHostFacts {
  const hostDirectory = hostDirectoryOf(layout, name);
  const socketPath = join(hostDirectory, 'sock', 'libvirt-sock');
  const instances = join(layout.directory, 'instances');
  return {
    name,
    socketPath,
    connectionUri: `qemu:///system?socket=${socketPath}`,
    migrationAddress: `${layout.subnet}.${index + 1}`,
    instancesPath: instances,
    instancesPathOutside: join(hostDirectory, 'instances'),
    directories: contentDirectories(layout, name).filter((directory) => directory.name !== 'instances'),
    logPath: join(hostDirectory, 'log', 'libvirtd.log'),
    interfaceName: `lb${layout.suffix}${index}`,
  };
}

/** Throws, before anything is started, for a layout that could not work; each message says what to change. */
export function assertUsable(layout: LabLayout, names: readonly string[]): void {
  for (const name of [...names, ...layout.extraDirectories]) {
    if (!PLAIN_NAME.test(name)) throw new Error(`"${name}" is no name for a host or directory: use a-z, 0-9 and -`);
  }
  if (new Set(names).size !== names.length) throw new Error(`the hosts need different names: ${names.join(', ')}`);
  if (layout.extraDirectories.some((name) => name === 'hosts' || name === 'instances')) {
    throw new Error('"hosts" and "instances" exist already, name the extra directory otherwise');
  }
  if (!SUBNET_FORM.test(layout.subnet)) throw new Error(`"${layout.subnet}" is not three numbers as in 10.77.0`);
  if (!/^\/[\w./-]+$/.test(layout.directory) || layout.directory.startsWith('/run/')) {
    throw new Error(`${layout.directory}: needs an absolute path outside /run, of letters, digits and ./-_`);
  }
  for (const name of names) {
    const bytes = Buffer.byteLength(join(hostDirectoryOf(layout, name), 'sock', 'libvirt-sock-ro'));
    if (bytes > SOCKET_PATH_MAX_BYTES) {
      throw new Error(`${layout.directory}: too long, socket paths end at ${SOCKET_PATH_MAX_BYTES} bytes`);
    }
  }
  for (const path of labPaths(layout)) {
    if (existsSync(path)) throw new Error(`${path} exists: another laboratory, or what is left of one`);
  }
}

function takesDirectInput(directory: string): boolean {
  const flags = constants.O_CREAT | constants.O_RDWR | constants.O_DIRECT;
  try {
    closeSync(openSync(join(directory, 'probe'), flags, 0o600));
  } catch {
    return false;
  }
  rmSync(join(directory, 'probe'));
  return true;
}
