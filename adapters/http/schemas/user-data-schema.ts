import type { z } from 'zod';
import { pythonRepr } from '../python-repr.ts';
import { boundedString } from './json-schema-types.ts';

/** Nova's bound of user_data, in base64. */
const CHARACTERS_MAX = 65_535;
const GROUP_CHARACTERS = 4;

const ALPHABET = /^[A-Za-z0-9+/]$/;

/** As Python decodes it, which Nova asks: foreign characters are passed over, and a group that is not whole is wrong. */
function isBase64(text: string): boolean {
  let inGroup = 0;
  let pads = 0;
  for (const character of text) {
    if (character === '=') {
      if (inGroup < 2) continue;
      pads += 1;
      if (inGroup + pads === GROUP_CHARACTERS) return true;
    } else if (ALPHABET.test(character)) {
      pads = 0;
      inGroup = (inGroup + 1) % GROUP_CHARACTERS;
    }
  }
  return inGroup === 0;
}

/** What a guest reads of its own at its first start. `types`: all that the place accepts. */
export const userData = (...types: readonly string[]): z.ZodType<string> =>
  boundedString({ charactersMax: CHARACTERS_MAX, types })
    .refine(isBase64, { error: ({ input }) => `${pythonRepr(input)} is not a 'base64'` })
    .meta({ contentEncoding: 'base64' });
