import { Code, ConnectError } from "@connectrpc/connect";
import type { WatchResponse } from "../../../../src/gen/etcdserverpb/watch_pb.ts";
import { CommandError, EXIT } from "../language/errors.ts";
import { toBytes } from "../language/gostring.ts";
import { rangeOfKind } from "../language/ranges.ts";
import { badArgs } from "../language/requests.ts";
import { printWatch } from "../print/kv.ts";
import { type Command, type Context, pause } from "./command.ts";

export const watch: Command = {
  name: "watch",
  group: "Key-value",
  usage: "<key> [range_end]",
  summary: "Prints every change of a key, a range or a prefix, until Ctrl+C",
  flags: [
    { name: "prefix", type: "bool", help: "every key that begins with the key" },
    { name: "prev-kv", type: "bool", help: "print what the key was before" },
    { name: "progress-notify", type: "bool", help: "print a revision from time to time while nothing happens" },
    { name: "rev", type: "int", help: "the first revision to print, of the past too" },
  ],
  completes: "keys",
  async run(parsed, context) {
    const [key, rangeEnd] = parsed.args;
    if (key === undefined) throw badArgs("bad number of arguments");
    const isPrefix = parsed.has("prefix");
    if (isPrefix && parsed.args.length === 2) throw badArgs("`range_end` and `--prefix` are mutually exclusive");
    const kind = isPrefix ? "prefix" : rangeEnd === undefined ? "single" : "range";
    const request = {
      ...rangeOfKind(kind, toBytes(key), toBytes(rangeEnd ?? "")),
      ...{ startRevision: parsed.int("rev"), prevKv: parsed.has("prev-kv") },
      progressNotify: parsed.has("progress-notify"),
    };
    for (;;) {
      request.startRevision = await follow(request, context);
      await pause(RETRY_MS, context.signal);
    }
  },
};

const RETRY_MS = 300;

type Request = Parameters<Context["clients"]["watch"]["watch"]>[0];

/** Prints until the stream breaks off; returns the revision at which to go on. */
async function follow(request: Request, { clients, signal, style, output }: Context): Promise<bigint> {
  let next = request.startRevision ?? 0n;
  try {
    for await (const response of clients.watch.watch(request, { signal })) {
      if (response.canceled) throw canceled(response, () => printWatch(response, style, output), output);
      const revision = response.header?.revision ?? 0n;
      if (response.created) {
        if (next === 0n) next = revision + 1n;
        continue;
      }
      if (response.events.length === 0) output.out(`progress notify: ${revision}\n`);
      else next = (response.events.at(-1)?.kv?.modRevision ?? revision) + 1n;
      printWatch(response, style, output);
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof ConnectError) || error.code !== Code.Unavailable) throw error;
  }
  return next;
}

function canceled(response: WatchResponse, print: () => void, output: Context["output"]): CommandError {
  const compacted = "etcdserver: mvcc: required revision has been compacted";
  const future = "etcdserver: mvcc: required revision is a future revision";
  const reason = response.compactRevision > 0n ? compacted : response.cancelReason || future;
  output.err(`watch was canceled (${reason})\n`);
  print();
  return new CommandError("watch is canceled by the server", EXIT.interrupted);
}
