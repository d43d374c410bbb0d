import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";

export type FieldValue =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "enum"; readonly name: string; readonly number: number; readonly scope: string | undefined }
  | { readonly kind: "message"; readonly type: DescMessage; readonly message: Message }
  | { readonly kind: "list"; readonly values: readonly FieldValue[] }
  | { readonly kind: "other"; readonly value: bigint | number | boolean | string };

/** The fields that are set, in the order of the .proto. */
export function fieldsOf(type: DescMessage, message: Message): Array<{ field: DescField; value: FieldValue }> {
  const record = message as unknown as Record<string, unknown>;
  return type.fields.flatMap((field) => {
    const held = field.oneof === undefined ? record[field.localName] : oneofValue(record, field);
    if (held === undefined || (field.oneof === undefined && isDefault(held))) return [];
    return [{ field, value: heldValue(field, held) }];
  });
}

function oneofValue(record: Record<string, unknown>, { oneof, localName }: DescField): unknown {
  const held = record[oneof?.localName ?? ""] as { case?: string; value?: unknown } | undefined;
  return held?.case === localName ? held.value : undefined;
}

function isDefault(value: unknown): boolean {
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length === 0;
  return value === 0n || value === 0 || value === false || value === "";
}

function heldValue(field: DescField, held: unknown): FieldValue {
  if (Array.isArray(held)) return { kind: "list", values: held.map((one) => single(field, one)) };
  return single(field, held);
}

function single(field: DescField, held: unknown): FieldValue {
  if (field.message !== undefined) return { kind: "message", type: field.message, message: held as Message };
  if (field.enum !== undefined) {
    const number = held as number;
    return {
      kind: "enum",
      name: field.enum.value[number]?.name ?? String(number),
      number,
      scope: field.enum.parent?.name,
    };
  }
  if (held instanceof Uint8Array || field.scalar === ScalarType.BYTES) {
    return { kind: "bytes", bytes: held as Uint8Array };
  }
  return { kind: "other", value: held as bigint | number | boolean | string };
}
