/**
 * What protobuf-es knows of messages is base64 in the generated code, which each start decodes, with a descriptor of
 * descriptors that it makes for that alone. In the bundle the outcome is there as it is, as objects.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { type DescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { Plugin } from "vite";

/** As the generator writes it. */
const ENCODED = /\bfileDesc\(\s*"([\w+/=]*)"/g;
/** Where protobuf-es decodes, and what is left of it to be done. */
const DECODER = /\/@bufbuild\/protobuf\/dist\/esm\/codegenv2\/file\.js$/;
const WITHOUT_DECODING = `
import { createEmbeddedFileRegistry } from "../registry.js";

export function fileDesc(root, imports = []) {
  root.dependency = imports.map((file) => file.proto.name);
  return createEmbeddedFileRegistry(root, (name) => imports.find((file) => file.proto.name === name)).getFile(root.name);
}
`;

export function decodedDescriptors(): Plugin {
  return {
    name: "descriptors",
    transform(code, id) {
      if (DECODER.test(id)) return WITHOUT_DECODING;
      if (!code.includes("= /*@__PURE__*/ fileDesc(")) return undefined;
      const decoded = code.replace(ENCODED, (_, base64: string) => `fileDesc(${decodedText(base64)}`);
      if (decoded === code) throw new Error(`no descriptor in ${id}`);
      return decoded;
    },
  };
}

/** An expression of JavaScript, for what protobuf-es reads from the base64. */
export function decodedText(base64: string): string {
  const file = fromBinary(FileDescriptorProtoSchema, base64Decode(base64));
  file.messageType.forEach(nameFields);
  const defaults: object[] = [];
  const text = textOf(file, defaults);
  const constants = defaults.map((prototype, i) => `const d${i} = ${JSON.stringify(prototype)};`);
  return `(() => { ${constants.join(" ")} return ${text}; })()`;
}

/** As the generator leaves out the names that follow from others. */
function nameFields({ field, nestedType }: DescriptorProto): void {
  for (const one of field) if (!Object.hasOwn(one, "jsonName")) one.jsonName = protoCamelCase(one.name);
  nestedType.forEach(nameFields);
}

/** @param defaults the prototypes of messages, which hold the values of fields that are not set */
function textOf(value: unknown, defaults: object[]): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return `new Uint8Array([${value}])`;
  if (Array.isArray(value)) return `[${value.map((one) => textOf(one, defaults))}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}: ${textOf(field, defaults)}`);
  const prototype: object = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return `{ ${fields} }`;
  if (!defaults.includes(prototype)) defaults.push(prototype);
  return `{ ${[`__proto__: d${defaults.indexOf(prototype)}`, ...fields]} }`;
}
