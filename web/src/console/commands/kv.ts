/** put, get, del, txn, compaction. */
import { create } from "@bufbuild/protobuf";
import { type RangeRequest, type RangeResponse, RangeResponseSchema } from "../../../../src/gen/etcdserverpb/kv_pb.ts";
import { CommandError, EXIT } from "../language/errors.ts";
import { type GoString, quote, toText } from "../language/gostring.ts";
import { parseInt64 } from "../language/numbers.ts";
import {
  badArgs,
  DEL_FLAGS,
  deleteRequest,
  GET_FLAGS,
  PUT_FLAGS,
  putRequest,
  rangeRequest,
} from "../language/requests.ts";
import { TxnReader } from "../language/txntext.ts";
import { printDelete, printPut, printRange, printTxn } from "../print/kv.ts";
import { type Command, type Context, pause } from "./command.ts";

export const put: Command = {
  name: "put",
  group: "Key-value",
  usage: "<key> <value>",
  summary: "Stores a value under a key",
  notes: `Without a value it is read from the input: type its lines and end them with Ctrl+D, or give it as
  put KEY <<< VALUE
A key or value that begins with - comes after --:
  put KEY -- -1`,
  flags: PUT_FLAGS,
  completes: "keys",
  async run(parsed, { clients, signal, style, output, readLine }) {
    const needsInput = parsed.args.length === 1 && !parsed.has("ignore-value");
    const request = putRequest(parsed, needsInput ? await readAll(readLine) : undefined);
    printPut(await clients.kv.put(request, { signal }), style, output);
  },
};

/** Undefined where there is nothing at all. */
async function readAll(readLine: Context["readLine"]): Promise<GoString | undefined> {
  let text: GoString | undefined;
  for (let line = await readLine(); line !== undefined; line = await readLine()) text = `${text ?? ""}${line}\n`;
  return text;
}

export const get: Command = {
  name: "get",
  group: "Key-value",
  usage: "<key> [range_end]",
  summary: "Prints a key, a range of keys or all keys with a prefix",
  flags: GET_FLAGS,
  completes: "keys",
  async run(parsed, context) {
    const { clients, signal, output } = context;
    const request = rangeRequest(parsed);
    const response = parsed.has("stream")
      ? await rangeStream(request, context)
      : await clients.kv.range(request, { signal });
    const { format } = context.style;
    if (request.countOnly && format !== "fields") throw badArgs("--count-only is only for `--write-out=fields`");
    const valueOnly = parsed.has("print-value-only");
    if (valueOnly && format !== "simple") throw badArgs("print-value-only is only for `--write-out=simple`");
    printRange(response, { ...context.style, valueOnly }, output);
  },
};

/** The parts of a streamed range, put together. */
async function rangeStream(request: RangeRequest, { clients, signal }: Context): Promise<RangeResponse> {
  const whole = create(RangeResponseSchema);
  for await (const { rangeResponse } of clients.kv.rangeStream(request, { signal })) {
    if (rangeResponse === undefined) continue;
    whole.header ??= rangeResponse.header;
    whole.kvs.push(...rangeResponse.kvs);
    whole.more ||= rangeResponse.more;
    if (rangeResponse.count > 0n) whole.count = rangeResponse.count;
  }
  return whole;
}

const SECOND_THOUGHTS_MS = 2_000;

export const del: Command = {
  name: "del",
  group: "Key-value",
  usage: "<key> [range_end]",
  summary: "Deletes a key, a range of keys or all keys with a prefix",
  flags: DEL_FLAGS,
  completes: "keys",
  async run(parsed, { clients, signal, style, output }) {
    const request = deleteRequest(parsed);
    const [key = "", rangeEnd] = parsed.args;
    if (rangeEnd !== undefined && !parsed.has("range")) {
      output.err(
        `Warning: Keys between ${quote(key)} and ${quote(rangeEnd)} will be deleted. ` +
          "Please interrupt the command within next 2 seconds to cancel. " +
          "You can provide `--range` flag to avoid the delay.\n",
      );
      await pause(SECOND_THOUGHTS_MS, signal);
    }
    printDelete(await clients.kv.deleteRange(request, { signal }), style, output);
  },
};

const PROMPTS = ["compares:", "success requests (get, put, del):", "failure requests (get, put, del):"];

export const txn: Command = {
  name: "txn",
  group: "Key-value",
  usage: "",
  summary: "Runs several requests as one, if its compares hold",
  notes: `Three parts are read from the input, an empty line after each: compares, what is done if all of them hold,
what is done if not:
  mod("key") > "0"

  put key "it was there"

  put key "it is new"

Compares are of value, version, create, mod or lease with =, !=, > or <. Beyond etcdctl, value("a", "b") compares
every key of a range, and a line "txn {" begins a txn within, which "}" ends.`,
  flags: [{ name: "interactive", short: "i", type: "bool", help: "say which part is read" }],
  async run(parsed, { clients, signal, style, output, readLine }) {
    if (parsed.args.length > 0) throw badArgs("txn command does not accept argument");
    const reader = new TxnReader();
    const prompt = (): void => {
      if (parsed.has("interactive")) output.out(`${PROMPTS[reader.part]}\n`);
    };
    prompt();
    while (reader.part < 3) {
      const line = await readLine();
      if (line === undefined) throw new CommandError("EOF", EXIT.invalidInput);
      const { part } = reader;
      reader.push(line);
      if (reader.part !== part && reader.part < 3) prompt();
    }
    printTxn(await clients.kv.txn(reader.request, { signal }), style, output);
  },
};

export const compaction: Command = {
  name: "compaction",
  group: "Key-value",
  usage: "<revision>",
  summary: "Forgets the history before a revision",
  flags: [{ name: "physical", type: "bool", help: "wait until the old revisions are really gone" }],
  async run(parsed, { clients, signal, output }) {
    const [text = ""] = parsed.args;
    if (parsed.args.length !== 1) throw badArgs("compaction command needs 1 argument");
    const revision = integer(text);
    await clients.kv.compact({ revision, physical: parsed.has("physical") }, { signal });
    output.out(`compacted revision ${revision}\n`);
  },
};

function integer(text: GoString): bigint {
  try {
    return parseInt64(text, 10);
  } catch (error) {
    throw new CommandError(toText((error as Error).message));
  }
}
