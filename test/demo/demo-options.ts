import { Command, CommanderError } from 'commander';

export type DemoOptions = { readonly json: boolean; readonly keep: boolean };

type DemoOptionsAnswer =
  | { readonly answer: 'run'; readonly options: DemoOptions }
  /** Help was asked for, or the command line is wrong; either has been told. */
  | { readonly answer: 'told'; readonly exitCode: number };

const WRONG_USAGE_EXIT_CODE = 2;

const HELP = `
What it does, with nothing but the HTTP API once Lifeboat runs:
  1  creates a server on host lab-a and waits for ACTIVE
  2  rescues it with an image that has its own kernel and ramdisk, and waits for RESCUE
  3  asks for the live migration: refused at 2.104, refused at 2.105 while a compute service is too old, then accepted
  4  follows the migration until the server is on lab-b, still RESCUE
  5  unrescues it there and waits for ACTIVE
  6  shows the instance actions, and every event of the server and its migration
  7  proves it: the guest's serial console, the system disk, and what is left on lab-a

What it needs: Linux on x86-64, root, and Debian's libvirt and QEMU packages, which it installs when they are missing.
Not root: it prints the one command that installs them and stops. Both hosts are namespaces with a network link between
them; the machine's own libvirt, network and files are not touched. KVM is used only after a guest has booted with it.
Everything it starts and writes is gone at its end, after Ctrl-C too. A kernel for the guests stays in
\${XDG_CACHE_HOME:-~/.cache}/lifeboat-lab.

Exit codes: 0 every proof held, 1 a proof failed or the demo could not go on, 2 wrong usage, 130 and 143 interrupted.

Examples:
  npm run demo
  npm run demo -- --keep                   look around with curl and virsh afterwards
  npm run --silent demo -- --json | tail -n 1 | jq .ok`;

/** Reads the command line; prints help and complaints itself. NO_COLOR is read by the terminal output. */
export function readDemoOptions(argv: readonly string[]): DemoOptionsAnswer {
  const command = new Command('npm run demo --')
    .description('Live migrates a rescued server between two libvirt hosts on this machine, and proves it.')
    .option('--json', 'one JSON object for each step and, last, one with the result; nothing else on standard output')
    .option('--keep', 'leave hosts, server and API standing at the end, until Ctrl-C')
    .allowExcessArguments(false)
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', HELP)
    .exitOverride();
  try {
    const { json = false, keep = false } = command
      .parse([...argv], { from: 'user' })
      .opts<{ readonly json?: boolean; readonly keep?: boolean }>();
    return { answer: 'run', options: { json, keep } };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { answer: 'told', exitCode: error.exitCode === 0 ? 0 : WRONG_USAGE_EXIT_CODE };
  }
}
