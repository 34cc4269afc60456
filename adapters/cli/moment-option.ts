import { InvalidArgumentError, Option } from 'commander';
import { BEGINNING, NOW, type Moment, type Period } from '../../application/audit/moment.ts';

const POSITION = /^\d{1,16}$/;
const TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** What every command that takes a moment says about it. */
export const MOMENT_HELP =
  'A moment is a position in the log (1042) or a time (2026-11-23T14:03:00Z; UTC unless it says otherwise). What was\n' +
  'recorded at the moment itself belongs to what came before it.';

export const fromOption = (): Option =>
  new Option('--from <moment>', 'nothing up to this position or time')
    .argParser(momentOf)
    .default(BEGINNING, 'the beginning');
export const toOption = (): Option =>
  new Option('--to <moment>', 'nothing after this position or time').argParser(momentOf).default(NOW, 'now');

/** Throws a sentence for a period that ends before it begins: an empty answer would be taken for one. */
export function checkPeriod({ from, to }: Period): void {
  const backwards =
    (from.kind === 'position' && to.kind === 'position' && from.position > to.position) ||
    (from.kind === 'time' && to.kind === 'time' && from.time > to.time);
  if (backwards) throw new Error('--from is later than --to; exchange them');
}

/** For commander. Throws InvalidArgumentError. */
export function momentOf(text: string): Moment {
  return POSITION.test(text) ? positionOf(text) : timeOf(text);
}

/** For commander: a position, or nothing else. */
export function positionOf(text: string): Extract<Moment, { kind: 'position' }> {
  const position = Number(text);
  if (!POSITION.test(text) || !Number.isSafeInteger(position)) {
    throw new InvalidArgumentError('expected a position such as 1042');
  }
  return { kind: 'position', position };
}

function timeOf(text: string): Moment {
  const zoned = /([Zz]|[+-]\d{2}:\d{2})$/.test(text) && text.includes(':') ? text : `${text}Z`;
  const milliseconds = TIME.test(text) ? Date.parse(text.length === DATE_CHARACTERS ? text : zoned) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new InvalidArgumentError('expected a position such as 1042 or a time such as 2026-11-23T14:03:00Z');
  }
  return { kind: 'time', time: new Date(milliseconds).toISOString() };
}

const DATE_CHARACTERS = 'YYYY-MM-DD'.length;
