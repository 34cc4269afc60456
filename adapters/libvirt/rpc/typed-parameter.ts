import type { Codec } from './codec.ts';
import { XdrError } from './xdr.ts';
import type { XdrReader, XdrWriter } from './xdr.ts';

/** One named value of libvirt's virTypedParameter; a field may stand several times in a list (`migrate_disks`). */
export type TypedParameter =
  | { readonly field: string; readonly type: 'int' | 'uint' | 'double'; readonly value: number }
  | { readonly field: string; readonly type: 'llong' | 'ullong'; readonly value: bigint }
  | { readonly field: string; readonly type: 'boolean'; readonly value: boolean }
  | { readonly field: string; readonly type: 'string'; readonly value: string };

const NUMBER_OF_TYPE = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const;

/** Field, type number, value (remote_typed_param). */
export const typedParameterCodec: Codec<TypedParameter> = {
  encode: (writer, parameter) => {
    writer.string(parameter.field);
    writer.int32(NUMBER_OF_TYPE[parameter.type]);
    encodeValue(writer, parameter);
  },
  decode: (reader) => {
    const field = reader.string();
    return decodeValue(reader, field, reader.int32());
  },
};

function encodeValue(writer: XdrWriter, parameter: TypedParameter): void {
  switch (parameter.type) {
    case 'int':
      return writer.int32(parameter.value);
    case 'uint':
      return writer.uint32(parameter.value);
    case 'llong':
      return writer.int64(parameter.value);
    case 'ullong':
      return writer.uint64(parameter.value);
    case 'double':
      return writer.float64(parameter.value);
    case 'boolean':
      return writer.int32(parameter.value ? 1 : 0);
    case 'string':
      return writer.string(parameter.value);
  }
}

function decodeValue(reader: XdrReader, field: string, type: number): TypedParameter {
  switch (type) {
    case NUMBER_OF_TYPE.int:
      return { field, type: 'int', value: reader.int32() };
    case NUMBER_OF_TYPE.uint:
      return { field, type: 'uint', value: reader.uint32() };
    case NUMBER_OF_TYPE.llong:
      return { field, type: 'llong', value: reader.int64() };
    case NUMBER_OF_TYPE.ullong:
      return { field, type: 'ullong', value: reader.uint64() };
    case NUMBER_OF_TYPE.double:
      return { field, type: 'double', value: reader.float64() };
    case NUMBER_OF_TYPE.boolean:
      return { field, type: 'boolean', value: reader.int32() !== 0 };
    case NUMBER_OF_TYPE.string:
      return { field, type: 'string', value: reader.string() };
    default:
      throw new XdrError(`typed parameter of unknown type ${type}`);
  }
}
