/**
 * Records out of a file, whichever of the forms it has:
 *
 *     JSON lines      {"key":"<base64>","value":"<base64>"} a line, read as a stream
 *     JSON            [{"key":"text","value":"text"}] with key_bytes, value_bytes for escaped bytes
 *                     {"key":"text", …} a plain object of texts
 *                     {"kvs":[{"key":"<base64>", …}]} what etcdctl get --write-out=json prints
 *     script          etcdctl put commands
 */
import { textOf, utf8 } from "../store/bytes.ts";
import { unescapeBytes } from "../store/escape.ts";
import { fromBase64 } from "./base64.ts";
import type { FormatName, KeyRecord } from "./record.ts";
import { type ShellCommand, shellCommands } from "./shell.ts";

/** What could not be read, by where it is in the file. */
export interface ReadProblem {
  readonly at: string;
  readonly message: string;
}

export type ReadItem = { readonly record: KeyRecord } | { readonly problem: ReadProblem };

/** The form of a file, by how it begins; undefined for none that can be imported. */
export function detectFormat(name: string, head: string): Exclude<FormatName, "csv"> | undefined {
  const start = head.replace(/^\ufeff/, "").trimStart();
  if (start.startsWith("#!") || /^(?:#.*\n\s*)*(?:etcdctl|printf|ETCDCTL_)/.test(start)) return "script";
  if (start.startsWith("[")) return "json";
  if (start.startsWith("{")) return looksLikeLines(name, start) ? "jsonl" : "json";
  return undefined;
}

function looksLikeLines(name: string, start: string): boolean {
  if (/\.(jsonl|ndjson)$/i.test(name)) return true;
  if (/^\{\s*"(header|kvs)"/.test(start)) return false;
  const [first = "", second = ""] = start.split("\n", 2);
  try {
    const one: unknown = JSON.parse(first);
    return isObject(one) && typeof one.key === "string" && (second === "" || second.startsWith("{"));
  } catch {
    // One long line that is cut short by the head of the file: lines carry the key first.
    return /^\{"key":"[A-Za-z0-9+/=]*","(create_revision|mod_revision|value)"/.test(start);
  }
}

export async function* readRecords(file: Blob, format: Exclude<FormatName, "csv">): AsyncGenerator<ReadItem> {
  if (format === "jsonl") yield* jsonLines(file);
  else if (format === "json") yield* jsonFile(await file.text());
  else yield* script(await file.text());
}

async function* jsonLines(file: Blob): AsyncGenerator<ReadItem> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number++;
    if (line.trim() !== "") yield attempt(`line ${number}`, () => exactRecord(JSON.parse(line)));
  }
}

async function* linesOf(file: Blob): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  for await (const chunk of chunksOf(file)) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    pieces.push(lines[0] ?? "");
    for (const line of lines.slice(1)) {
      yield pieces.join("");
      pieces = [line];
    }
  }
  yield pieces.join("") + decoder.decode();
}

/** Not every browser can iterate a stream. */
async function* chunksOf(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

function* jsonFile(text: string): Generator<ReadItem> {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    yield { problem: { at: "the file", message: messageOf(error) } };
    return;
  }
  if (Array.isArray(content)) yield* content.map((item, at) => attempt(`entry ${at + 1}`, () => readableRecord(item)));
  else if (isObject(content) && Array.isArray(content.kvs))
    yield* content.kvs.map((item, at) => attempt(`kvs ${at + 1}`, () => exactRecord(item)));
  else if (isObject(content))
    yield* Object.entries(content).map(([key, value]) => attempt(`key ${key}`, () => textRecord(key, value)));
  else yield { problem: { at: "the file", message: "neither an array nor an object" } };
}

function* script(text: string): Generator<ReadItem> {
  try {
    for (const command of shellCommands(text)) {
      if (isPut(command)) yield attempt(`line ${command.line}`, () => putRecord(command));
    }
  } catch (error) {
    yield { problem: { at: "the script", message: messageOf(error) } };
  }
}

function isPut({ words }: ShellCommand): boolean {
  const texts = words.map((word) => textOf(word));
  return texts.some((word) => word === "etcdctl" || word?.endsWith("/etcdctl")) && texts.includes("put");
}

function putRecord({ words, input }: ShellCommand): KeyRecord {
  const after = words.slice(words.findIndex((word) => textOf(word) === "put") + 1);
  const dashes = after.findIndex((word) => textOf(word) === "--");
  const args = dashes >= 0 ? after.slice(dashes + 1) : after.filter((word) => !textOf(word)?.startsWith("--"));
  const [key, value = input] = args;
  if (key === undefined || value === undefined || args.length > 2) throw new Error("not put KEY VALUE");
  return { key: filledKey(key), value };
}

/** Key and value in base64; a value that is left out is empty, as etcd's JSON has it. */
function exactRecord(item: unknown): KeyRecord {
  if (!isObject(item) || typeof item.key !== "string") throw new Error("no key in base64");
  const { value = "" } = item;
  if (typeof value !== "string") throw new Error("the value is not base64");
  return { key: filledKey(fromBase64(item.key)), value: fromBase64(value) };
}

function readableRecord(item: unknown): KeyRecord {
  if (!isObject(item)) throw new Error("not an object with key and value");
  return { key: filledKey(readable(item, "key")), value: readable(item, "value") };
}

function readable(item: Record<string, unknown>, name: string): Uint8Array {
  const text = item[name];
  if (typeof text === "string") return utf8(text);
  const escaped = item[`${name}_bytes`];
  if (typeof escaped === "string") return unescapeBytes(escaped);
  throw new Error(`neither ${name} nor ${name}_bytes is a text`);
}

function textRecord(key: string, value: unknown): KeyRecord {
  if (typeof value !== "string") throw new Error("the value is not a text");
  return { key: filledKey(utf8(key)), value: utf8(value) };
}

function filledKey(key: Uint8Array): Uint8Array {
  if (key.length === 0) throw new Error("a key may not be empty");
  return key;
}

function attempt(at: string, read: () => KeyRecord): ReadItem {
  try {
    return { record: read() };
  } catch (error) {
    return { problem: { at, message: messageOf(error) } };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
