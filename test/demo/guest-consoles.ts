import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { parseGuestConsole, type GuestConsole } from '../lab/guest-console.ts';
import type { LabHost } from '../lab/lab-host.ts';

/** Where a server's serial console is on one host, seen from outside of it. */
export function consolePath(host: LabHost, server: string): string {
  return join(host.facts.instancesPathOutside, server, 'console.log');
}

/** A console file held open, so that it can be read to its very end although the migration removes it. */
export class HeldConsole {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<HeldConsole> {
    return new HeldConsole(await open(path, 'r'));
  }

  /** Everything that was ever written; the file is let go. */
  async readToEnd(): Promise<GuestConsole> {
    try {
      return parseGuestConsole(await this.#file.readFile('utf8'));
    } finally {
      await this.#file.close();
    }
  }
}
