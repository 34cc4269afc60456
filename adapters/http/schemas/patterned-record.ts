import { z } from 'zod';
import { pythonRepr } from '../python-repr.ts';
import { notOfType } from './json-schema-types.ts';

/** An object whose keys all match one pattern, and jsonschema's sentence for those that do not. */
export const patternedRecord = <Value extends z.ZodType>(pattern: RegExp, value: Value) =>
  z.record(z.string(), value, { error: notOfType('object') }).check(({ value: given, issues }) => {
    const foreign = Object.keys(given).filter((key) => !pattern.test(key));
    if (foreign.length === 0) return;
    const verb = foreign.length === 1 ? 'does' : 'do';
    const message = `${foreign.map(pythonRepr).join(', ')} ${verb} not match any of the regexes: '${pattern.source}'`;
    issues.push({ code: 'custom', message, input: given });
  });
