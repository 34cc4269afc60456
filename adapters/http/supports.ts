import { microversionAtLeast, type Microversion } from '../../domain/service-version/microversion.ts';

/** True when the request has the behaviour that microversion 2.`minor` introduced. */
export function supports(microversion: Microversion, minor: number): boolean {
  return microversionAtLeast(microversion, { major: 2, minor });
}
