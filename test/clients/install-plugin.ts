import { cpSync } from 'node:fs';
import { requireCommand } from '../lab/run-command.ts';

const INSTALL_DEADLINE_MS = 300_000;

/** Installs a Python package of this repository with pip, as an operator would; gives its place for `PYTHONPATH`. */
export async function installPlugin(source: string, directory: string): Promise<string> {
  // Of a copy: building leaves files beside the source.
  const copy = `${directory}/plugin-source`;
  const target = `${directory}/site-packages`;
  cpSync(source, copy, { recursive: true });
  const options = ['--quiet', '--no-deps', '--no-build-isolation', '--root-user-action=ignore', '--target', target];
  await requireCommand(['/usr/bin/python3', '-m', 'pip', 'install', ...options, copy], {
    deadlineMs: INSTALL_DEADLINE_MS,
  });
  return target;
}
