/** What the generator makes, without a server: its reach, and that it can be written down and read back. */
import { describe, expect, test } from "vitest";
import { Cluster } from "../../src/gen/etcdserverpb/cluster_pb.ts";
import { fc } from "../support/property.ts";
import { Generator } from "./generate.ts";
import { clusterCall } from "./generatecluster.ts";
import { freedomOf, overHttp } from "./generatehttp.ts";
import { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import { call, formatOperation, parseOperation, SERVICES } from "./operation.ts";
import { meaningOf, pathsOf } from "./paths.ts";
import { Random } from "./random.ts";
import { formatMessage } from "./text.ts";

const OPERATIONS = 60_000;
/** Server streams are compared by other means: watches one by one, the snapshot by the exchange. */
const ELSEWHERE = ["Maintenance.Snapshot", "Lease.LeaseKeepAlive", "Election.Observe", "Health.Watch"];

/** Operations against a model that learns nothing, but has auth on in every second thousand. */
function operationsOf(seed: number, count: number): Operation[] {
  const model = new Model();
  model.revision = 500;
  model.addedCount = 2;
  for (const name of ["root", "ann", "bob"]) model.auth.passwords.set(name, "x");
  const generator = new Generator(new Random(seed), model, "all");
  return Array.from({ length: count }, (_, index) => {
    model.auth.isEnabled = index % 2000 >= 1000;
    return generator.next();
  });
}

const operations = operationsOf(1, OPERATIONS);

test("the same seed gives the same operations", () => {
  const lines = (seed: number): string[] => operationsOf(seed, 2_000).map(formatOperation);
  expect(lines(3)).toEqual(lines(3));
  expect(lines(3)).not.toEqual(lines(4));
});

test("operations are read as they are written", () => {
  for (const operation of operations.slice(0, 10_000)) {
    const line = formatOperation(operation);
    expect(formatOperation(parseOperation(line))).toBe(line);
    expect(line).not.toContain("\n");
  }
});

describe("every call is made, with auth on and off", () => {
  const methods = SERVICES.flatMap((service) => service.methods).map((method) => ({
    name: `${method.parent.name}.${method.name}`,
    method,
  }));
  const made = (kind: "call" | "http", hasCaller: boolean): Set<string> => {
    const chosen = operations.filter((operation) => operation.kind === kind && "as" in operation === hasCaller);
    return new Set(chosen.map(meaningOf).map((meaning) => `${meaning?.method.parent.name}.${meaning?.method.name}`));
  };

  test.each([true, false])("by gRPC, with a caller: %s", (hasCaller) => {
    const found = made("call", hasCaller);
    const names = methods.map(({ name }) => name).filter((name) => !ELSEWHERE.includes(name));
    expect(names.filter((name) => !found.has(name))).toEqual([]);
  });

  test.each([true, false])("by the JSON gateway where it has a path, with a caller: %s", (hasCaller) => {
    const found = made("http", hasCaller);
    const names = methods.filter(({ method }) => pathsOf(method).length > 0).map(({ name }) => name);
    expect(names.filter((name) => !found.has(name))).toEqual([]);
  });
});

/** But for an enum's unknown name, which is read as its default. */
test("a request as JSON is refused or is read as what it was", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const random = new Random(seed);
      for (const operation of operations.slice(seed % 1000, (seed % 1000) + 20)) {
        if (operation.kind !== "call" || freedomOf(operation.method) === "wild") continue;
        const http = overHttp(random, operation);
        const read = meaningOf(http);
        if (read === undefined || /"(\?|12x)"/.test(formatOperation(http))) continue;
        const { input } = operation.method;
        expect(formatMessage(input, read.request)).toBe(formatMessage(input, operation.request));
      }
    }),
    { numRuns: 200 },
  );
});

test("members are added as learners, or in a way that must fail: a cluster of one would not outlive another", () => {
  const model = new Model();
  const random = new Random(1);
  const made = Array.from({ length: 5_000 }, () => clusterCall(random, model));
  const added = [...operations, ...made]
    .map(meaningOf)
    .filter((meaning) => meaning?.method === Cluster.method.memberAdd);
  const valid = /peerURLs=\["http:\/\/127|peerURLs=\[" http/;
  for (const meaning of added) {
    const line = meaning === undefined ? "" : formatOperation(call(Cluster.method.memberAdd, meaning.request as never));
    if (valid.test(line)) expect(line).toMatch(/isLearner=true|"http:\/\/127\.0\.0\.1"\]|\/path"\]/);
  }
  expect(added.length).toBeGreaterThan(100);
});
