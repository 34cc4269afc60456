import { labCacheDirectory } from '../lab/guest-images.ts';
import { provideGuestKernel } from '../lab/guest-kernel.ts';
import { installMissing, labAvailability } from '../lab/requirements.ts';
import { requireCommand } from '../lab/run-command.ts';
import { DemoFailure } from './demo-failure.ts';

type ProvidedPackages = { readonly installed: readonly string[]; readonly guestKernel: string };

const UPDATE_DEADLINE_MS = 180_000;
const SHOWN_CHARACTERS_MAX = 100;

/** Everything that may have to be downloaded. Throws `DemoFailure` where the demo cannot run, with the way out of it. */
export async function providePackages(doing: (text: string) => void): Promise<ProvidedPackages> {
  const tell = (line: string): void => doing(line.slice(0, SHOWN_CHARACTERS_MAX));
  const install = await installMissing({ onProgress: tell });
  if (install.outcome === 'notRoot') {
    throw new DemoFailure({
      what: 'Debian packages are missing, and only root can install them.',
      why: 'The demo runs libvirt and QEMU of this machine’s own Debian.',
      next: `Run this, then the demo, both as root:\n\n  ${install.commandToRun}`,
    });
  }
  if (install.outcome === 'failed') {
    const next = 'Mend what apt-get complains about, then start the demo again.';
    throw new DemoFailure({ what: 'Debian packages could not be installed.', why: install.message, next });
  }
  const availability = await labAvailability();
  if (!availability.available) {
    const next = 'Run it as root on a Debian 12 machine, virtual or not, that permits new namespaces.';
    throw new DemoFailure({ what: 'The demo cannot run here.', why: availability.reason, next });
  }
  tell('the guests’ kernel');
  return { installed: install.packages, guestKernel: await guestKernel(tell) };
}

/** A machine whose package lists were never fetched, or thrown away, knows no kernel until they are. */
async function guestKernel(tell: (line: string) => void): Promise<string> {
  try {
    return (await provideGuestKernel(labCacheDirectory())).version;
  } catch {
    tell('apt-get update');
  }
  try {
    await requireCommand(['apt-get', 'update'], { deadlineMs: UPDATE_DEADLINE_MS, signalOnExit: 'SIGINT' });
    return (await provideGuestKernel(labCacheDirectory())).version;
  } catch (error) {
    throw new DemoFailure({
      what: 'There is no kernel for the guests.',
      why: error instanceof Error ? error.message : String(error),
      next: 'Let this machine reach a Debian mirror (apt-get update must succeed), then start the demo again.',
    });
  }
}
