const EVERYTHING_SINCE = 75;
const KEY_NAME_SINCE = 54;
/** What only `GET` tells below 2.75: the names of Nova's extensions, which its update and rebuild did not ask. */
const TOLD_BY_GET =
  /^(?:OS-EXT-|OS-SRV-USG:|os-extended-volumes:|config_drive$|host_status$|security_groups$|key_name$)/;

/**
 * The fields of a server in Nova's answer to its update and its rebuild: they told less of it than `GET` did, until
 * 2.75. `since`: whether the microversion has what came with that minor one.
 */
export function updatedFields<Value>(
  fields: Readonly<Record<string, Value>>,
  since: (minor: number) => boolean,
): Readonly<Record<string, Value>> {
  if (since(EVERYTHING_SINCE)) return fields;
  const isTold = (name: string): boolean => !TOLD_BY_GET.test(name) || (name === 'key_name' && since(KEY_NAME_SINCE));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => isTold(name)));
}
