import { failed, succeeded, type Outcome } from '../../domain/shared/outcome.ts';
import { outcomeOf } from './call-outcome.ts';
import type { LibvirtHost } from './libvirt-host.ts';
import type { LiveMigrationSettings } from './live-migration-settings.ts';
import { CONNECT_GET_LIB_VERSION, CONNECT_GET_VERSION } from './rpc/procedures.ts';

/** libvirt's arithmetic, for both: major * 1,000,000 + minor * 1,000 + release. */
type Versions = { readonly libvirt: number; readonly qemu: number };

/** The releases that brought each, by libvirt's and QEMU's own change logs. */
const NEEDED = {
  autoConverge: { libvirt: 1_002_003, qemu: 1_006_000 },
  postCopy: { libvirt: 1_003_003, qemu: 2_006_000 },
} as const satisfies Partial<Record<keyof LiveMigrationSettings, Versions>>;

/**
 * A sentence for the operator for each setting that a host's software lacks. Asks nothing when nothing special is set.
 * What depends on the host's kernel or on the guest is refused by libvirt itself, before anything is copied.
 */
export async function missingCapabilities(
  host: LibvirtHost,
  settings: LiveMigrationSettings,
): Promise<Outcome<readonly string[]>> {
  const wanted = (['autoConverge', 'postCopy'] as const).filter((key) => settings[key]);
  if (wanted.length === 0) return succeeded([]);
  const [libvirt, qemu] = await Promise.all([
    host.connections.call(CONNECT_GET_LIB_VERSION, null),
    host.connections.call(CONNECT_GET_VERSION, null),
  ]);
  const doing = `asking ${host.options.host} for its versions`;
  if (libvirt.outcome !== 'succeeded') return outcomeOf(libvirt, doing);
  if (qemu.outcome !== 'succeeded') return outcomeOf(qemu, doing);
  const found = { libvirt: Number(libvirt.value), qemu: Number(qemu.value) };
  const lacking = wanted.filter((key) => found.libvirt < NEEDED[key].libvirt || found.qemu < NEEDED[key].qemu);
  return succeeded(
    lacking.map((key) => {
      const is = `${host.options.host} runs ${named(found)}`;
      return `liveMigration.${key}: found true, but ${is}; expected ${named(NEEDED[key])} or newer, or false`;
    }),
  );
}

/** The same as a refusal of one migration, for a host that could not be asked when this process was started. */
export async function requireCapable(host: LibvirtHost, settings: LiveMigrationSettings): Promise<Outcome<null>> {
  const missing = await missingCapabilities(host, settings);
  if (missing.outcome !== 'succeeded') return missing;
  return missing.value.length === 0
    ? succeeded(null)
    : failed(`Migration pre-check error: ${missing.value.join('; ')}`);
}

const named = ({ libvirt, qemu }: Versions): string => `libvirt ${versionText(libvirt)} and QEMU ${versionText(qemu)}`;

function versionText(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}
