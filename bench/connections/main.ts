/**
 * `node bench/connections/main.ts [--count N]`: what idle HTTP/2 connections take of a server's resident memory, etcdlite's
 * beside etcd's: those that have said nothing yet but hello, and the same after a Range on each. Each figure is a line
 * `name=value`, in MB above what the server took before, once garbage is collected.
 */
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { findEtcd, MISSING_ETCD, startEtcd } from "../../test/support/etcd.ts";
import { startEtcdlite } from "../../test/support/etcdlite.ts";
import { memoryOf } from "../store/client.ts";
import { print } from "../store/print.ts";

interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const { values: flags } = parseArgs({ options: { count: { type: "string", default: "1000" } } });
const COUNT = Number(flags.count);
/** Before what counts: code is compiled, and pools are filled. */
const WARM_UP = 100;
const COLLECTIONS = 5;
const REST_MS = 300;
const COLLECT = join(import.meta.dirname, "collect.ts");
/** A Range of one key that is not there. */
const RANGE = Buffer.from([0, 0, 0, 0, 3, 0x0a, 1, 0x61]);
const HEADERS = {
  ":method": "POST",
  ":path": "/etcdserverpb.KV/Range",
  "content-type": "application/grpc",
  te: "trailers",
};

await measure("etcdlite", await startEtcdlite([], ["--expose-gc", "--import", COLLECT]), "SIGPWR");
if (findEtcd() === undefined) console.log(`etcd is left out: ${MISSING_ETCD}`);
else await measure("etcd", await startEtcd({}), 0);

/** @param collect the signal that makes the server collect its garbage, 0 for one that does so by itself */
async function measure(name: string, server: Server, collect: NodeJS.Signals | 0): Promise<void> {
  const rssMb = async (): Promise<number> => {
    for (let i = 0; i < COLLECTIONS; i++) {
      process.kill(server.pid, collect);
      await sleep(REST_MS);
    }
    return memoryOf(server.pid).rssMb;
  };
  try {
    const first = await open(server.url, WARM_UP);
    await callOnEach(first);
    await close(first);
    const before = await rssMb();
    const sessions = await open(server.url, COUNT);
    print(`connections_${COUNT}_${name}_mb`, (await rssMb()) - before);
    await callOnEach(sessions);
    print(`connections_${COUNT}_called_${name}_mb`, (await rssMb()) - before);
    await close(sessions);
  } finally {
    await server.stop();
  }
}

/** One by one, so that no queue of the system overflows; the server's SETTINGS have come on each. */
async function open(url: string, count: number): Promise<ClientHttp2Session[]> {
  const sessions: ClientHttp2Session[] = [];
  while (sessions.length < count) {
    const session = connect(url);
    sessions.push(session);
    await once(session, "remoteSettings");
  }
  return sessions;
}

async function callOnEach(sessions: readonly ClientHttp2Session[]): Promise<void> {
  for (const session of sessions) {
    const stream = session.request(HEADERS);
    let status: unknown;
    stream.on("trailers", (trailers) => {
      status = trailers["grpc-status"];
    });
    stream.resume();
    stream.end(RANGE);
    await once(stream, "close");
    if (status !== "0") throw new Error(`a Range ended with ${status}`);
  }
}

async function close(sessions: readonly ClientHttp2Session[]): Promise<void> {
  await Promise.all(
    sessions.map((session) => {
      session.close();
      return once(session, "close");
    }),
  );
}
