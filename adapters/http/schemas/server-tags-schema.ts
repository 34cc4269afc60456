import { z } from 'zod';
import { TAGS_MAX } from '../../../domain/instance/instance-details.ts';
import { pythonRepr } from '../python-repr.ts';
import { boundedString, closedObject, notOfType } from './json-schema-types.ts';

const TAG_CHARACTERS_MAX = 60;

export const tag = boundedString({ charactersMin: 1, charactersMax: TAG_CHARACTERS_MAX, pattern: /^[^,/]*$/ });

export const tagList = z
  .array(tag, { error: notOfType('array') })
  .max(TAGS_MAX, { error: ({ input }) => `${pythonRepr(input)} is too long` });

export const TAGS_SCHEMA = closedObject({ tags: tagList });
