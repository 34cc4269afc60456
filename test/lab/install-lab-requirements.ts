import { existsSync } from 'node:fs';
import { installMissing, KEYSTONE_PACKAGES, LAB_PACKAGES, missingPackages } from './requirements.ts';

/**
 * vitest's global set-up of the `lab` project: the one command `npm test` also prepares the machine. Never fails: where
 * something stays missing, the lab specs say so and are skipped.
 */
export async function setup(): Promise<void> {
  if (!existsSync('/usr/bin/dpkg-query')) {
    print('this is not a Debian machine, so nothing is installed and lab specs will be skipped.');
    return;
  }
  // One after another: what cannot be had for the one kind of spec must not cost the other.
  for (const packages of [LAB_PACKAGES, KEYSTONE_PACKAGES]) await install(packages);
}

async function install(packages: readonly string[]): Promise<void> {
  const missing = await missingPackages(packages);
  if (missing.length === 0) return;
  const outcome = await installMissing({ onProgress: print, packages });
  switch (outcome.outcome) {
    case 'installed':
      return print(`installed ${outcome.packages.join(' ')}`);
    case 'notRoot':
      return print(`lab specs will be skipped. To run them too, as root: ${outcome.commandToRun}`);
    case 'failed':
      return print(`lab specs will be skipped. ${outcome.message}`);
  }
}

function print(line: string): void {
  console.log(`lab requirements: ${line}`);
}
