import { z } from 'zod';
import { configurationSchema, VARIABLES } from '../../adapters/main/configuration.ts';

const schemaSchema = z.looseObject({
  type: z.string().optional(),
  const: z.string().optional(),
  enum: z.array(z.string()).optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), schemaSchema).optional();
  },
  get items() {
    return schemaSchema.optional();
  },
  get anyOf() {
    return z.array(schemaSchema).optional();
  },
  get oneOf() {
    return z.array(schemaSchema).optional();
  },
});
type Schema = z.infer<typeof schemaSchema>;

const DEFAULT_CHARACTERS_MAX = 60;

/** Every key of the configuration file and every variable, from the schema that judges them. */
export function configurationTable(): string {
  const schema = schemaSchema.parse(z.toJSONSchema(configurationSchema, { io: 'input' }));
  const variables = Object.entries(VARIABLES).map(([name, [path]]) => `| \`${name}\` | \`${path.join('.')}\` |`);
  return [
    '| Key | Value | Default | What it says |',
    '|---|---|---|---|',
    ...rowsOf('', schema),
    '',
    '| Variable | Overrides |',
    '|---|---|',
    ...variables,
  ].join('\n');
}

function rowsOf(prefix: string, schema: Schema): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const key = `${prefix}${name}`;
    const isRequired = schema.required?.includes(name) === true;
    const below = rowsBelow(key, value);
    // A group of keys that says nothing by itself would be a row of dashes.
    return value.properties !== undefined && value.description === undefined
      ? below
      : [row(key, value, isRequired), ...below];
  });
}

function rowsBelow(key: string, value: Schema): readonly string[] {
  if (value.items !== undefined) return rowsOf(`${key}[].`, value.items);
  const alternatives = value.anyOf ?? value.oneOf ?? [value];
  return alternatives.flatMap((one) => rowsOf(`${key}.`, one));
}

function row(key: string, value: Schema, isRequired: boolean): string {
  const text = JSON.stringify(value.default) ?? '';
  const shown = text.length > DEFAULT_CHARACTERS_MAX ? 'see the source' : `\`${text}\``;
  const otherwise = text === '' ? (isRequired ? 'required' : 'none') : shown;
  return `| \`${key}\` | ${kindOf(value)} | ${otherwise} | ${value.description ?? ''} |`;
}

function kindOf(value: Schema): string {
  if (value.const !== undefined) return `\`${value.const}\``;
  if (value.enum !== undefined) return value.enum.map((one) => `\`${one}\``).join(', ');
  const alternatives = value.anyOf ?? value.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(kindOf))].join(' or ');
  const { type = 'anything', minimum, maximum } = value;
  return minimum === undefined || maximum === undefined ? type : `${type}, ${minimum} to ${maximum}`;
}
