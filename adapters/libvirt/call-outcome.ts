import { failed, type Outcome } from '../../domain/shared/outcome.ts';
import type { CallResult } from './rpc/call-result.ts';
import type { LibvirtErrorName } from './rpc/errors.ts';

/** A call's result in the application's words; `doing` names what was tried, for the operator. */
export function outcomeOf<Value>(result: CallResult<Value>, doing: string): Outcome<Value> {
  switch (result.outcome) {
    case 'succeeded':
      return result;
    case 'failed':
      return failed(`${doing}: ${result.error.message}`);
    case 'unknown':
      return { outcome: 'unknown', reason: `${doing}: ${result.reason}` };
  }
}

/** True for the server's own answer of that name; never for a call that was not sent. */
export function isServerError(result: CallResult<unknown>, ...names: readonly LibvirtErrorName[]): boolean {
  if (result.outcome !== 'failed' || result.error.kind !== 'server') return false;
  const { name } = result.error;
  return names.some((wanted) => wanted === name);
}

const ENOENT = 2;
const EEXIST = 17;

/** libvirt puts the system's error number into int1 of a system error. */
const isSystemError = (result: CallResult<unknown>, number: number): boolean =>
  result.outcome === 'failed' &&
  result.error.kind === 'server' &&
  result.error.name === 'VIR_ERR_SYSTEM_ERROR' &&
  result.error.int1 === number;

export const isNoSuchFile = (result: CallResult<unknown>): boolean => isSystemError(result, ENOENT);

export const isFileExists = (result: CallResult<unknown>): boolean => isSystemError(result, EEXIST);
