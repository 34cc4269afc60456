import { z } from 'zod';
import { pythonRepr } from '../python-repr.ts';
import { notOfType } from './json-schema-types.ts';

const INTEGER_MAX = 0x7fffffff;
const DIGITS = /^[0-9]{1,10}$/;

/** A number, or its digits; clients send both. */
export const wholeNumber = (minimum: number) =>
  z.unknown().transform((given, context) => {
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message, input: given });
      return z.NEVER;
    };
    const number = typeof given === 'string' && DIGITS.test(given) ? Number(given) : given;
    if (typeof number === 'string') return refuse(`${pythonRepr(given)} does not match '^[0-9]*$'`);
    if (typeof number !== 'number' || !Number.isInteger(number)) {
      return refuse(notOfType('integer', 'string')({ input: given }));
    }
    if (number < minimum) return refuse(`${number} is less than the minimum of ${minimum}`);
    return number > INTEGER_MAX ? refuse(`${number} is greater than the maximum of ${INTEGER_MAX}`) : number;
  });
