import type { InstanceId } from '../shared/ids.ts';

/** Nova's sentence for a guest that is off although nobody stopped it: no other host could take it either. */
export const wrongPowerState = (instanceId: InstanceId, powerState: string): string =>
  `Instance ${instanceId} in power_state ${powerState}. Cannot live migrate while the instance is in this state.`;

/** The state in that sentence, as drivers and the log hand it on; null for every other reason. */
export function powerStateIn(reason: string): string | null {
  return /^Instance [0-9a-f-]+ in power_state ([a-z]+)\. Cannot live migrate/.exec(reason)?.[1] ?? null;
}
