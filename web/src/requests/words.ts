/** What is said of a call. */
import { type DescMessage, type Message, toJsonString } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { RequestEntry } from "../store/requestlog.ts";

const MAX_JSON_CHARACTERS = 200_000;

/** gRPC's status: `OK`, `NOT_FOUND`; `open` while the call is. */
export function statusText({ error, durationMs }: RequestEntry): string {
  if (error !== undefined) return codeName(error.code);
  return durationMs === undefined ? "open" : "OK";
}

/** `InvalidArgument` as gRPC writes it. */
function codeName(code: Code): string {
  return (Code[code] ?? String(code)).replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

export function durationText(durationMs: number | undefined): string {
  if (durationMs === undefined) return "…";
  return durationMs < 10_000 ? `${durationMs} ms` : `${(durationMs / 1000).toFixed(1)} s`;
}

/** `KV/Range` of `etcdserverpb.KV/Range`; what is not etcd's keeps its package. */
export function methodText(method: string): string {
  return method.replace(/^etcdserverpb\./, "");
}

/** Proto JSON, with etcd's own field names. */
export function jsonOf(schema: DescMessage, message: Message): string {
  const json = toJsonString(schema, message, { prettySpaces: 2, useProtoFieldName: true });
  if (json.length <= MAX_JSON_CHARACTERS) return json;
  return `${json.slice(0, MAX_JSON_CHARACTERS)}\n… ${(json.length - MAX_JSON_CHARACTERS).toLocaleString("en")} characters more`;
}
