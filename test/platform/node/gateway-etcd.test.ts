/**
 * The JSON gateway beside a real etcd's: the same requests in the same order to both, and their answers, byte for
 * byte but for what is each one's own (IDs, sizes, tokens, times) and for blanks, which etcd sets by chance.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createServer, type EtcdliteServer } from "../../../src/platform/node/index.ts";
import { findEtcd, MISSING_ETCD, type RealEtcd, startEtcd, toolsAreRequired } from "../../support/etcd.ts";
import {
  AUTH,
  BAD_BODIES,
  CLUSTER,
  HTTP,
  KV,
  LEASES,
  LOCKS,
  MAINTENANCE,
  STREAMS,
  type Step,
} from "./support/steps.ts";

const missing = findEtcd() === undefined;
if (missing && !toolsAreRequired()) console.warn(`skipped, the gateway beside a real etcd: ${MISSING_ETCD}`);

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | null>;
  readonly body: string;
}

const HEADERS = ["content-type", "grpc-metadata-content-type", "www-authenticate", "location"];
/** A stream that stays open is looked at for as long as this after its last line. */
const QUIET_MS = 300;

describe.skipIf(missing && !toolsAreRequired())("beside a real etcd", () => {
  let etcd: RealEtcd;
  let lite: EtcdliteServer;

  const restart = async (): Promise<void> => {
    await stop();
    [etcd, lite] = await Promise.all([
      startEtcd(),
      createServer({ bcryptCost: 4, initialAdvertisePeerUrls: ["http://127.0.0.1:2380"] }),
    ]);
  };
  const stop = async (): Promise<void> => {
    await Promise.all([etcd?.stop(), lite?.close()]);
  };
  beforeAll(restart);
  afterAll(stop);

  const compare = async (steps: readonly Step[]): Promise<void> => {
    const remembered: [Map<string, string>, Map<string, string>] = [new Map(), new Map()];
    for (const step of steps) {
      const [theirs, ours] = await Promise.all([
        ask(etcd.url, step, remembered[0]),
        ask(lite.url, step, remembered[1]),
      ]);
      expect({ ...step, answer: ours }).toEqual({ ...step, answer: theirs });
    }
  };

  test("HT1: the paths, and what is none of them", () => compare(HTTP));
  test("HT2: bodies that are wrong, in etcd's words", () => compare(BAD_BODIES));
  test("HT2: KV", () => compare(KV));
  test("HT2: leases", () => compare(LEASES));
  test("HT3: streams", () => compare(STREAMS));
  test("HT2: locks and elections", () => compare(LOCKS));
  test("HT2: maintenance", () => compare(MAINTENANCE));
  test("HT2: members", () => compare(CLUSTER));
  test("HT4: users, roles, and what is refused to whom", async () => {
    await restart();
    await compare(AUTH);
  });
});

async function ask(url: string, step: Step, remembered: Map<string, string>): Promise<Answer> {
  const { method = "POST", path, headers = {}, body } = step;
  const leave = new AbortController();
  const response = await fetch(`${url}${path}`, {
    method,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value, remembered)])),
    body: typeof body === "string" ? filled(body, remembered) : ((body as Uint8Array<ArrayBuffer> | undefined) ?? null),
    redirect: "manual",
    signal: leave.signal,
  });
  const text = step.open === true ? await untilQuiet(response) : await response.text();
  leave.abort();
  if (step.remember !== undefined) {
    const [, value = ""] = new RegExp(`"${step.remember}": ?"([^"]*)"`).exec(text) ?? [];
    remembered.set(step.remember, value);
  }
  const found = Object.fromEntries(HEADERS.map((name) => [name, response.headers.get(name)]));
  return {
    status: response.status,
    headers: found,
    body: step.shape === true ? shape(text) : normalised(text, remembered),
  };
}

/** Puts in what an earlier answer of this server said. */
function filled(text: string, remembered: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\w+)/g, (_, name: string) => remembered.get(name) ?? "");
}

async function untilQuiet(response: Response): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = "";
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const quiet = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, QUIET_MS, undefined);
    });
    const next = await Promise.race([reader.read(), quiet]);
    clearTimeout(timer);
    if (next === undefined || next.done) break;
    text += new TextDecoder().decode(next.value);
  }
  // The body was given up.
  reader.cancel().catch(() => {});
  return text;
}

function normalised(text: string, remembered: ReadonlyMap<string, string>): string {
  let same = unspaced(text)
    .replaceAll("\u00a0", " ")
    .replace(/"(cluster_id|member_id|raft_term|leader)":"\d+"/g, '"$1":"…"')
    // Which of the two etcd says is a race of its own.
    .replace("stream terminated by RST_STREAM with error code: CANCEL", "context deadline exceeded");
  for (const [name, value] of remembered) if (value !== "") same = same.replaceAll(`"${value}"`, `<${name}>`);
  return same;
}

/**
 * Names and kinds of values alone, for answers whose values are each server's own. Members are in the order of
 * their IDs, so in any.
 */
function shape(text: string): string {
  const kinds = unspaced(text).replace(/:("(?:[^"\\]|\\.)*"|-?\d+)/g, (_, value: string) =>
    value.startsWith('"') ? ':"…"' : ":0",
  );
  return kinds.replace(/"members":\[(.*)\]/, (_, list: string) => `"members":[${list.split(/(?<=\}),/).sort()}]`);
}

/** Blanks between tokens left out. */
function unspaced(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|[ \t]+/g, (_, literal: string | undefined) => literal ?? "");
}
