/**
 * A Txn request as the text that `etcdctl txn` reads, and back:
 *
 *     value("a") = "1"           compares, then an empty line
 *
 *     put "a" "2"                what is done if they all hold, then an empty line
 *
 *     get "a"                    what is done if not, then an empty line
 *
 * Two things that a request can say have no form in etcdctl, and one that it has makes it crash. They are
 * written so, and `isBeyondEtcdctl` tells of them:
 *
 *     version("a", "b") > "0"    a compare of every key in a range
 *     lease("a") = "694d"        a compare of the lease, its ID in hexadecimal
 *     txn {                      a txn within, its three parts indented
 *     }
 */
import { create } from "@bufbuild/protobuf";
import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
  type RequestOp,
  RequestOpSchema,
  type TxnRequest,
  TxnRequestSchema,
} from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { argify } from "./argify.ts";
import { CommandError, EXIT } from "./errors.ts";
import { parseFlags } from "./flags.ts";
import { delWords, getWords, lineOf, putWords } from "./format.ts";
import { fromBytes, fromText, type GoString, quote, toBytes, toText, unquote } from "./gostring.ts";
import { parseInt64 } from "./numbers.ts";
import { DEL_FLAGS, deleteRequest, GET_FLAGS, PUT_FLAGS, putRequest, rangeRequest } from "./requests.ts";

const RESULTS: Record<string, Compare_CompareResult> = {
  "=": Compare_CompareResult.EQUAL,
  "!=": Compare_CompareResult.NOT_EQUAL,
  ">": Compare_CompareResult.GREATER,
  "<": Compare_CompareResult.LESS,
};

/** The name that is written, and those that are read. */
const TARGETS: ReadonlyArray<readonly [Compare_CompareTarget, readonly string[]]> = [
  [Compare_CompareTarget.VALUE, ["value", "val"]],
  [Compare_CompareTarget.VERSION, ["version", "ver"]],
  [Compare_CompareTarget.CREATE, ["create", "c"]],
  [Compare_CompareTarget.MOD, ["mod", "m"]],
  [Compare_CompareTarget.LEASE, ["lease"]],
];

export function formatTxn(request: TxnRequest): string {
  const parts = [
    request.compare.map(formatCompare),
    request.success.flatMap(formatOp),
    request.failure.flatMap(formatOp),
  ];
  return toText(parts.map((lines) => `${lines.map((line) => `${line}\n`).join("")}\n`).join(""));
}

export function formatCompare(compare: Compare): GoString {
  const target = TARGETS.find(([known]) => known === compare.target)?.[1][0] ?? "value";
  const result = Object.entries(RESULTS).find(([, known]) => known === compare.result)?.[0] ?? "=";
  const end = compare.rangeEnd.length === 0 ? "" : `, ${quote(fromBytes(compare.rangeEnd))}`;
  return `${target}(${quote(fromBytes(compare.key))}${end}) ${result} ${quote(operand(compare))}`;
}

function operand({ target, targetUnion }: Compare): GoString {
  const { value } = targetUnion;
  if (value instanceof Uint8Array) return fromBytes(value);
  if (target === Compare_CompareTarget.VALUE) return "";
  return (value ?? 0n).toString(target === Compare_CompareTarget.LEASE ? 16 : 10);
}

export function formatOp({ request }: RequestOp): GoString[] {
  switch (request.case) {
    case "requestRange":
      return [lineOf(getWords(request.value))];
    case "requestPut":
      return [lineOf(putWords(request.value))];
    case "requestDeleteRange":
      return [lineOf(delWords(request.value))];
    case "requestTxn": {
      const { compare, success, failure } = request.value;
      const inner = [compare.map(formatCompare), [""], success.flatMap(formatOp), [""], failure.flatMap(formatOp)];
      return ["txn {", ...inner.flat().map((line) => (line === "" ? "" : `  ${line}`)), "}"];
    }
    case undefined:
      return [];
  }
}

/** What in a request only the console's text can say; empty if etcdctl takes its text. */
export function isBeyondEtcdctl(request: TxnRequest): boolean {
  const isBeyond = ({ target, rangeEnd }: Compare): boolean =>
    rangeEnd.length > 0 || target === Compare_CompareTarget.LEASE;
  return (
    request.compare.some(isBeyond) ||
    [...request.success, ...request.failure].some((op) => op.request.case === "requestTxn")
  );
}

interface Frame {
  readonly request: TxnRequest;
  part: number;
}

/** Reads the text of a txn line by line, as it is typed or from a file. */
export class TxnReader {
  readonly #frames: Frame[] = [{ request: create(TxnRequestSchema), part: 0 }];

  /** 0: compares, 1: what is done if they hold, 2: what is done if not, 3: all was read. */
  get part(): number {
    return this.#frames[0]?.part ?? 0;
  }

  get request(): TxnRequest {
    return (this.#frames[0] as Frame).request;
  }

  /** Whether a txn within is open. */
  get isNested(): boolean {
    return this.#frames.length > 1;
  }

  /** @throws CommandError in etcdctl's words */
  push(text: GoString): void {
    const line = text.replace(/^[\t\n\v\f\r ]+|[\t\n\v\f\r ]+$/g, "");
    const frame = this.#frames.at(-1) as Frame;
    if (line === "}" && this.isNested) this.#frames.pop();
    else if (line === "") frame.part = Math.min(frame.part + 1, this.isNested ? 2 : 3);
    else if (frame.part === 0) frame.request.compare.push(parseCompare(line));
    else (frame.part === 1 ? frame.request.success : frame.request.failure).push(this.#op(line));
  }

  #op(line: GoString): RequestOp {
    if (!/^txn *\{$/.test(line)) return parseOp(line);
    const request = create(TxnRequestSchema);
    this.#frames.push({ request, part: 0 });
    return create(RequestOpSchema, { request: { case: "requestTxn", value: request } });
  }
}

export type ParsedTxn =
  | { readonly request: TxnRequest }
  | { readonly error: string /** From 1. */; readonly line: number };

/** A whole text; empty lines at its end may be missing. */
export function parseTxn(text: string): ParsedTxn {
  const reader = new TxnReader();
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    if (reader.part === 3 && line.trim() !== "") return { error: "nothing can follow the third part", line: at + 1 };
    if (reader.part === 3) continue;
    try {
      reader.push(fromText(line));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { error: error.message, line: at + 1 };
    }
  }
  if (reader.isNested) return { error: "a txn within is not closed: } is missing", line: lines.length };
  return { request: reader.request };
}

const COMPARE = /^\s*("(?:[^"\\]|\\.)*")(?:\s*,\s*("(?:[^"\\]|\\.)*"))?\)\s*(\S+)\s+("(?:[^"\\]|\\.)*")/;

export function parseCompare(line: GoString): Compare {
  const malformed = (why: string): CommandError =>
    new CommandError(`malformed comparison: ${toText(line)}${why}`, EXIT.invalidInput);
  const at = line.indexOf("(");
  const name = line.slice(0, Math.max(at, 0));
  const [, key, end, sign, value] = COMPARE.exec(line.slice(at + 1)) ?? [];
  if (at < 0 || key === undefined || value === undefined) throw malformed("");
  const target = TARGETS.find(([, names]) => names.includes(name))?.[0];
  if (target === undefined) throw malformed(` (unknown target ${toText(name)})`);
  const result = RESULTS[sign ?? ""];
  if (result === undefined) throw malformed(` (unknown operator ${toText(sign ?? "")})`);
  const texts = [key, end ?? '""', value].map(unquote);
  if (texts.includes(undefined)) throw malformed(" (invalid syntax)");
  const [keyText = "", endText = "", valueText = ""] = texts;
  return create(CompareSchema, {
    ...{ target, result, key: toBytes(keyText), rangeEnd: toBytes(endText) },
    targetUnion: parseOperand(target, valueText, line),
  });
}

function parseOperand(target: Compare_CompareTarget, text: GoString, line: GoString): Compare["targetUnion"] {
  if (target === Compare_CompareTarget.VALUE) return { case: "value", value: toBytes(text) };
  try {
    const value = parseInt64(text, target === Compare_CompareTarget.LEASE ? 16 : 10);
    if (target === Compare_CompareTarget.VERSION) return { case: "version", value };
    if (target === Compare_CompareTarget.CREATE) return { case: "createRevision", value };
    return { case: target === Compare_CompareTarget.MOD ? "modRevision" : "lease", value };
  } catch {
    throw new CommandError(`invalid txn compare request: ${toText(line)}`, EXIT.invalidInput);
  }
}

export function parseOp(line: GoString): RequestOp {
  const [name = "", ...words] = argify(line);
  if (words.length === 0) throw new CommandError(`invalid txn compare request: ${toText(line)}`, EXIT.invalidInput);
  const invalid = new CommandError(`invalid txn request: ${toText(line)}`, EXIT.invalidInput);
  const request = (): RequestOp["request"] => {
    switch (name) {
      case "get":
        return { case: "requestRange", value: rangeRequest(parseFlags(words, GET_FLAGS)) };
      case "put":
        return { case: "requestPut", value: putRequest(parseFlags(words, PUT_FLAGS)) };
      case "del":
        return { case: "requestDeleteRange", value: deleteRequest(parseFlags(words, DEL_FLAGS)) };
      default:
        throw invalid;
    }
  };
  try {
    return create(RequestOpSchema, { request: request() });
  } catch (error) {
    throw error instanceof CommandError && error.showsUsage ? invalid : error;
  }
}
