import { z } from 'zod';

/** The key `stopGraceSeconds`. */
export const stopGraceSchema = z
  .number()
  .min(0)
  .max(3600)
  .default(30)
  .describe(
    'How long what is under way may go on after the process was asked to stop. What is unfinished then ends with the ' +
      'process, and is taken up at the next start, or by others after `leaseSeconds`.',
  );
