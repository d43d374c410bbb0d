/** Responses as Go's encoding/json writes those of etcd's packages: `-w json`. */
import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import type { TxnResponse } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { TxnResponseSchema } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { fromBytes, fromText, type GoString } from "../language/gostring.ts";

/** A number of any size, text, bytes or a structure of them; what is undefined is left out. */
export type Json = bigint | number | boolean | string | null | Uint8Array | undefined | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export function jsonText(value: Json): GoString {
  if (value instanceof Uint8Array) return `"${btoa(fromBytes(value))}"`;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return fromText(stringText(value));
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value === null || typeof value !== "object") return String(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${stringText(name)}:${jsonText(field)}`).join(",")}}`;
}

/** Go escapes what HTML or a script would read as its own. */
function stringText(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A message by the names of its .proto, without what is at its default. */
export function messageJson(type: DescMessage, message: Message): JsonObject {
  const record = message as unknown as Record<string, unknown>;
  if (type.typeName === TxnResponseSchema.typeName) return txnJson(message as TxnResponse);
  const fields = type.fields.map((field) => [field.name, fieldJson(field, record[field.localName])] as const);
  return Object.fromEntries(fields);
}

function fieldJson(field: DescField, value: unknown): Json {
  if (Array.isArray(value)) {
    return value.length === 0 ? undefined : value.map((one) => single(field, one));
  }
  if (value instanceof Uint8Array && value.length === 0) return undefined;
  if (value === 0n || value === 0 || value === false || value === "") return undefined;
  return value === undefined ? undefined : single(field, value);
}

function single(field: DescField, value: unknown): Json {
  return field.message === undefined ? (value as Json) : messageJson(field.message, value as Message);
}

function txnJson(response: TxnResponse): JsonObject {
  const header = TxnResponseSchema.field.header.message;
  return {
    header: response.header === undefined ? undefined : messageJson(header as DescMessage, response.header),
    succeeded: response.succeeded || undefined,
    responses:
      response.responses.length === 0
        ? undefined
        : response.responses.map(({ response: { case: name, value } }) => {
            if (name === undefined) return { Response: {} };
            const field = TxnResponseSchema.field.responses.message?.fields.find((one) => one.localName === name);
            return { Response: { [field?.name ?? name]: messageJson(field?.message as DescMessage, value) } };
          }),
  };
}
