import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { KV } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Maintenance } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import {
  createServer,
  type EtcdliteServer,
  type ServerOptions,
  SnapshotError,
} from "../../../src/platform/node/index.ts";
import { bytes, kvs } from "../../rpc/support/show.ts";

const ALL = { key: bytes("\0"), rangeEnd: bytes("\0") };

async function start(options: ServerOptions = {}): Promise<EtcdliteServer> {
  const server = await createServer(options);
  onTestFinished(() => server.close());
  return server;
}

function clientsOf({ url }: EtcdliteServer) {
  const transport = createGrpcTransport({ baseUrl: url });
  return { kv: createClient(KV, transport), maintenance: createClient(Maintenance, transport) };
}

async function snapshotOf(server: EtcdliteServer): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const { blob } of clientsOf(server).maintenance.snapshot({})) parts.push(blob);
  return Buffer.concat(parts);
}

function fileOf(content: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "etcdlite-from-snapshot-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "snapshot.db");
  writeFileSync(path, content);
  return path;
}

test("MA2: a server begins with what another one gave, over the wire and from a file", async () => {
  const first = await start();
  const { kv } = clientsOf(first);
  for (let at = 0; at < 50; at++) await kv.put({ key: bytes(`key/${at % 20}`), value: new Uint8Array(at * 300) });
  await kv.compact({ revision: 30n });
  const second = await start({ fromSnapshot: fileOf(await snapshotOf(first)) });
  const [before, after] = await Promise.all([first, second].map((server) => clientsOf(server).kv.range(ALL)));
  expect(after && kvs(after)).toEqual(before && kvs(before));
  expect(second.etcd.hash(0)).toEqual(first.etcd.hash(0));
  expect(second.etcd.store.compactRevision).toBe(30);
});

test("MA2: a server has members, IDs and URLs of its own, whatever the snapshot has", async () => {
  const first = await start({ name: "first", initialClusterToken: "other" });
  const file = fileOf(await snapshotOf(first));
  const second = await start({ name: "second", fromSnapshot: file });
  const members = second.etcd.members.list();
  expect(members.map(({ name, clientUrls }) => [name, clientUrls])).toEqual([["second", [second.url]]]);
  expect(second.etcd.options.clusterId).not.toBe(first.etcd.options.clusterId);
});

test("MA2: what cannot be read is said with its path, and nothing listens", async () => {
  const first = await start();
  const damaged = await snapshotOf(first);
  damaged[5000] = 1;
  for (const [path, why] of [
    [fileOf(damaged), "the file is damaged: its checksum is not right"],
    [fileOf(damaged.subarray(0, 4096)), "the file is cut short"],
    [fileOf(Buffer.alloc(10_000)), "the file is no snapshot of an etcd, nor its database"],
    [join(tmpdir(), "etcdlite-has-no-such-file"), "ENOENT"],
    [tmpdir(), "EISDIR"],
  ] as const) {
    const socket = `${fileOf(damaged)}.sock`;
    const options = { fromSnapshot: path, listenClientUrls: [`unix://${socket}`] };
    const failed = await createServer(options).catch((error) => error);
    expect(failed).toBeInstanceOf(SnapshotError);
    expect(existsSync(socket)).toBe(false);
    expect(failed.message).toContain(path);
    expect(failed.message).toContain(why);
  }
});
