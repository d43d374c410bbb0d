import type { DescMessage, Message } from "@bufbuild/protobuf";
import { textOf } from "../store/bytes.ts";
import { methodOf } from "./descriptors.ts";
import { type FieldValue, fieldsOf } from "./fields.ts";
import type { Place } from "./place.ts";

/** The call by the generated client: over Connect, or to the store in the page. */
export function typescriptFor(name: string, request: Message, place: Place): string {
  const method = methodOf(name);
  const { parent } = method;
  const init = messageText(method.input, request, "");
  const needsToken = place.user !== undefined && method.name !== "Authenticate";
  const call = `client.${method.localName}(${init}${needsToken ? ", signedIn" : ""})`;
  const token = needsToken ? `${TOKEN_LINES}\n` : "";
  const helper = /\bbytes\(/.test(init) ? "const bytes = (text: string) => new TextEncoder().encode(text);\n" : "";
  const body =
    method.methodKind === "server_streaming"
      ? `for await (const message of ${call}) {\n  console.log(message);\n}`
      : `console.log(await ${call});`;
  return `import { createClient } from "@connectrpc/connect";
${transportImport(place)}
import { ${parent.name} } from "etcdlite/gen/${parent.file.name}";

${transport(place)}
const client = createClient(${parent.name}, transport);
${token}${helper}
${body}`;
}

const TOKEN_LINES =
  '// The token is what Auth.authenticate answers to the user’s name and password.\nconst signedIn = { headers: { authorization: "TOKEN" } };';

function transportImport({ isBrowser }: Place): string {
  return isBrowser
    ? 'import { openStore } from "etcdlite/browser";'
    : 'import { createConnectTransport } from "@connectrpc/connect-web";';
}

function transport({ isBrowser, url }: Place): string {
  return isBrowser
    ? "const { transport } = await openStore();"
    : `const transport = createConnectTransport({ baseUrl: ${JSON.stringify(url)} });`;
}

const LINE = 100;

function messageText(type: DescMessage, message: Message, indent: string): string {
  const deeper = `${indent}  `;
  const fields = fieldsOf(type, message).map(({ field, value }) =>
    field.oneof === undefined
      ? `${field.localName}: ${valueText(value, deeper)}`
      : `${field.oneof.localName}: { case: "${field.localName}", value: ${valueText(value, deeper)} }`,
  );
  return fields.length === 0 ? "{}" : block("{", fields, "}", indent);
}

function valueText(value: FieldValue, indent: string): string {
  switch (value.kind) {
    case "bytes":
      return bytesText(value.bytes);
    case "enum":
      return `${value.number} /* ${value.name} */`;
    case "message":
      return messageText(value.type, value.message, indent);
    case "list": {
      const texts = value.values.map((one) => valueText(one, `${indent}  `));
      return block("[", texts, "]", indent);
    }
    case "other":
      return typeof value.value === "bigint" ? `${value.value}n` : JSON.stringify(value.value);
  }
}

/** On one line if it fits, or else one item a line. */
function block(open: string, items: readonly string[], close: string, indent: string): string {
  const pad = open === "{" ? " " : "";
  const line = `${open}${pad}${items.join(", ")}${pad}${close}`;
  if (indent.length + line.length <= LINE && !line.includes("\n")) return line;
  return `${open}\n${items.map((item) => `${indent}  ${item},\n`).join("")}${indent}${close}`;
}

function bytesText(bytes: Uint8Array): string {
  const text = textOf(bytes);
  return text === undefined ? `Uint8Array.of(${[...bytes].join(", ")})` : `bytes(${JSON.stringify(text)})`;
}
