import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";

/** Of what is written and compared only the size may be seen. */
const SECRET = "value";

/** A request on keys as protobuf's text, with sizes in place of values, as etcd logs it. */
export function loggable(schema: DescMessage, message: Message): string {
  const reflected = reflect(schema, message);
  const texts: string[] = [];
  for (const field of reflected.fields) {
    if (!reflected.isSet(field)) continue;
    if (field.fieldKind === "list") {
      for (const item of reflected.get(field)) texts.push(fieldText(field, item));
    } else texts.push(fieldText(field, reflected.get(field)));
  }
  return texts.join(" ");
}

function fieldText(field: DescField, value: unknown): string {
  if (field.message !== undefined) {
    const { message } = value as { readonly message: Message };
    return `${field.name}:<${loggable(field.message, message)}>`;
  }
  if (field.enum !== undefined) return `${field.name}:${field.enum.value[value as number]?.name ?? value}`;
  if (field.scalar !== ScalarType.BYTES) return `${field.name}:${value}`;
  const bytes = value as Uint8Array;
  return field.name === SECRET ? `${SECRET}_size:${bytes.length}` : `${field.name}:"${escaped(bytes)}"`;
}

function escaped(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  return text.replace(/[^\x20-\x7e]|["\\]/g, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
}
