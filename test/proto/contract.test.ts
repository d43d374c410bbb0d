import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { beforeAll, describe, expect, test } from "vitest";
import { type Shape, shapeOf } from "./shape.ts";

/**
 * What etcd registers beside its API: its own records on disk and between
 * members. No service takes or answers them (a test below makes sure), so no
 * client can tell that we lack them. versionpb is not even recorded: it only
 * declares descriptor options.
 */
const outOfScope: Record<string, string> = {
  "etcdserverpb.Metadata": "head of etcd's write-ahead log file",
  "etcdserverpb.RequestHeader": "part of InternalRaftRequest",
  "etcdserverpb.InternalRaftRequest": "entry of etcd's raft log",
  "etcdserverpb.EmptyResponse": "result of applying an InternalRaftRequest",
  "etcdserverpb.InternalAuthenticateRequest": "part of InternalRaftRequest",
  "membershippb.RaftAttributes": "member record in etcd's database file",
  "membershippb.Attributes": "member record in etcd's database file",
  "membershippb.Member": "member record in etcd's database file",
  "membershippb.ClusterVersionSetRequest": "part of InternalRaftRequest",
  "membershippb.ClusterMemberAttrSetRequest": "part of InternalRaftRequest",
  "membershippb.DowngradeInfoSetRequest": "part of InternalRaftRequest",
};

/** What we have and etcd has not: guarded by `buf breaking` instead. */
const ourOwnPackages = ["etcdlite.v1"];

const recorded = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(new URL("./etcd-3.7.1.binpb", import.meta.url))),
);

/** Every generated file, found by itself so that none can be forgotten. */
async function generatedFiles(): Promise<DescFile[]> {
  const root = fileURLToPath(new URL("../../src/gen/", import.meta.url));
  const files: DescFile[] = [];
  for (const path of globSync("**/*_pb.ts", { cwd: root })) {
    const module = (await import(`${root}${path}`)) as Record<string, unknown>;
    const file = Object.values(module).find(isDescFile);
    if (!file) throw new Error(`${path} exports no file descriptor`);
    files.push(file);
  }
  return files;
}

function isDescFile(value: unknown): value is DescFile {
  return (value as { kind?: unknown }).kind === "file";
}

/** The shape without the elements, and their parts, of the given names. */
function without(shape: Shape, names: string[]): Shape {
  const kept = Object.entries(shape).filter(([element]) => {
    const fullName = element.slice(element.indexOf(" ") + 1);
    return !names.some((n) => fullName === n || fullName.startsWith(`${n}.`));
  });
  return Object.fromEntries(kept);
}

/** The message and all it refers to. */
function reach(message: DescMessage, seen: Set<string>): Set<string> {
  if (seen.has(message.typeName)) return seen;
  seen.add(message.typeName);
  for (const field of message.fields) {
    if (field.message) reach(field.message, seen);
  }
  return seen;
}

describe("the generated API and the recorded API of etcd 3.7.1", () => {
  let ours: Shape;
  let theirs: Shape;

  beforeAll(async () => {
    ours = without(shapeOf(await generatedFiles()), ourOwnPackages);
    theirs = without(shapeOf(recorded.files), Object.keys(outOfScope));
  });

  test("lack nothing of each other", () => {
    const missing = Object.keys(theirs).filter((name) => !(name in ours));
    const extra = Object.keys(ours).filter((name) => !(name in theirs));
    expect({ missing, extra }).toEqual({ missing: [], extra: [] });
  });

  test("define each element alike", () => {
    expect(ours).toEqual(theirs);
  });
});

describe("the recording", () => {
  test("holds every service etcd serves", () => {
    const services = [...recorded].filter((desc) => desc.kind === "service");
    expect(services.map((service) => service.typeName).sort()).toEqual([
      "etcdserverpb.Auth",
      "etcdserverpb.Cluster",
      "etcdserverpb.KV",
      "etcdserverpb.Lease",
      "etcdserverpb.Maintenance",
      "etcdserverpb.Watch",
      "grpc.health.v1.Health",
      "v3electionpb.Election",
      "v3lockpb.Lock",
    ]);
  });

  test("knows every message that is out of scope", () => {
    const names = Object.keys(outOfScope);
    expect(names.filter((name) => !recorded.getMessage(name))).toEqual([]);
  });

  test("has no method that uses a message out of scope", () => {
    const used = new Set<string>();
    for (const desc of recorded) {
      if (desc.kind !== "service") continue;
      for (const method of desc.methods) {
        reach(method.input, used);
        reach(method.output, used);
      }
    }
    expect([...used].filter((name) => name in outOfScope)).toEqual([]);
  });
});
