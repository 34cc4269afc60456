import { z } from 'zod';
import type { Microversion } from '../../../domain/service-version/microversion.ts';
import { UUID } from '../schemas/json-schema-types.ts';
import { supports } from '../supports.ts';

/** What a body looks like at a microversion. */
export type ResponseAt = (microversion: Microversion) => z.ZodType;

/** A body that is the same at every microversion. Like all bodies of answers, it has these keys and no others. */
export function always(shape: z.core.$ZodLooseShape): ResponseAt {
  const schema = z.strictObject(shape);
  return () => schema;
}

/** `since`: whether the microversion has what came with that minor one. */
type Since = (minor: number) => boolean;

/** A body that is made anew where one of `minors` begins, and is the same object between two of them. */
export function changing(minors: readonly number[], make: (since: Since) => z.ZodType): ResponseAt {
  const made = new Map<number, z.ZodType>();
  return (microversion) => {
    const step = minors.filter((minor) => supports(microversion, minor)).length;
    const known = made.get(step) ?? make((minor) => supports(microversion, minor));
    made.set(step, known);
    return known;
  };
}

/** The fields, where they are there. */
export const fieldsWhen = (isThere: boolean, shape: z.core.$ZodLooseShape): z.core.$ZodLooseShape =>
  isThere ? shape : {};

export const text = z.string();
export const number = z.int();
export const flag = z.boolean();
export const uuid = z.string().regex(UUID);
export const texts = z.record(z.string(), z.string());
/** `2026-11-23T16:30:00Z`. */
export const seconds = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
/** `2026-11-23T16:30:00.000000`. */
export const microseconds = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
export const links = z.array(z.strictObject({ rel: text, href: text, type: text.optional() }));
/** A collection that is one page, with the address of the page behind it where there is one. */
export const page = (name: string, row: z.ZodType, linksName = `${name}_links`): z.ZodType =>
  z.strictObject({ [name]: z.array(row), [linksName]: links.optional() });
