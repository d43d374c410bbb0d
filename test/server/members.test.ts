import { expect, test } from "vitest";
import { JournalError } from "../../src/journal/index.ts";
import type { RecordChange } from "../../src/server/effects.ts";
import type { Member } from "../../src/server/memberrecord.ts";
import { type MemberOptions, Members } from "../../src/server/members.ts";
import { parsePeerUrls } from "../../src/server/peerurls.ts";
import type { RecordRow } from "../../src/server/state.ts";
import { Versions } from "../../src/server/versions.ts";
import { VirtualClock } from "../support/clock.ts";
import { fc } from "../support/property.ts";

const OWN = 0x8e9e05c52164694dn;
const OPTIONS: MemberOptions = {
  memberId: OWN,
  name: "default",
  clientUrls: ["http://localhost:2379"],
  peerUrls: ["http://localhost:2380"],
  maxLearners: 1,
  strictReconfigCheck: true,
};

/** Rows as text: `bucket key=value`. */
class Rows {
  readonly #rows = new Map<string, RecordRow>();

  constructor(...rows: ReadonlyArray<readonly [RecordRow["bucket"], string, string]>) {
    const encoder = new TextEncoder();
    for (const [bucket, key, value] of rows) {
      this.apply({ bucket, key: encoder.encode(key), value: encoder.encode(value) });
    }
  }

  apply({ bucket, key, value }: RecordChange): void {
    const name = `${bucket} ${new TextDecoder().decode(key)}`;
    if (value === undefined) this.#rows.delete(name);
    else this.#rows.set(name, { bucket, key, value });
  }

  get list(): RecordRow[] {
    return [...this.#rows.values()];
  }

  get shown(): string[] {
    return [...this.#rows].map(([name, { value }]) => `${name}=${new TextDecoder().decode(value)}`).toSorted();
  }
}

function membersOn(rows: Rows, options: Partial<MemberOptions> = {}): Members {
  const host = { propose: () => {}, record: (change: RecordChange) => rows.apply(change) };
  return new Members({ ...OPTIONS, ...options }, rows.list, host);
}

function versionsOn(rows: Rows, clock = new VirtualClock()): Versions {
  const host = { propose: () => {}, record: (change: RecordChange) => rows.apply(change) };
  return new Versions({ clock, host, allStarted: () => true }, rows.list);
}

function shown(changes: readonly RecordChange[]): string[] {
  const rows = new Rows();
  for (const change of changes) rows.apply(change);
  return rows.shown;
}

const OWN_ROW =
  'members 8e9e05c52164694d={"id":10276657743932975437,"peerURLs":["http://localhost:2380"],"name":"default",' +
  '"clientURLs":["http://localhost:2379"]}';

test("CL10: rows are etcd's, byte for byte", () => {
  const rows = new Rows();
  const members = membersOn(rows);
  members.add({ id: 0x15af188fa475833n, peerUrls: ["http://a:9?a=<&>\u00e9", "http://b:8"], isLearner: true });
  expect(rows.shown).toEqual([
    'members 15af188fa475833={"id":97655912558712883,"peerURLs":["http://a:9?a=\\u003c\\u0026\\u003e\u00e9",' +
      '"http://b:8"],"isLearner":true}',
  ]);
  members.remove(0x15af188fa475833n);
  members.update(OWN, []);
  expect(rows.shown).toEqual([
    'members 8e9e05c52164694d={"id":10276657743932975437,"peerURLs":null,"name":"default",' +
      '"clientURLs":["http://localhost:2379"]}',
    "members_removed 15af188fa475833=removed",
  ]);
});

test("CL10: a new etcd has a row of its member and one of its version", () => {
  const rows = shown([...membersOn(new Rows()).rows(), ...versionsOn(new Rows()).rows()]);
  expect(rows).toEqual(["cluster clusterVersion=3.7.0", OWN_ROW]);
});

test("CL10: of the own member the URLs for peers are kept; name and URLs for clients are those of the start", () => {
  const rows = new Rows([
    "members",
    "8e9e05c52164694d",
    '{"id":1,"peerURLs":["http://was:1"],"name":"before","clientURLs":["http://before:2"]}',
  ]);
  expect(membersOn(rows, { peerUrls: ["http://new:1"], name: "now" }).list()).toEqual([
    { id: OWN, name: "now", peerUrls: ["http://was:1"], clientUrls: ["http://localhost:2379"], isLearner: false },
  ]);
});

test("CL10: members restored from their rows are as they were, whatever was done to them", () => {
  const id = fc.bigInt({ min: 1n, max: 6n });
  const action = fc.record({
    kind: fc.constantFrom("add", "add", "remove", "update"),
    id,
    urls: fc.subarray(["http://a:1", "http://b:2", "unix:c", "http://d:4?<>&"], { minLength: 1 }),
    isLearner: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(action), (actions) => {
      const rows = new Rows();
      const options = { maxLearners: 3, strictReconfigCheck: false };
      const members = membersOn(rows, options);
      for (const change of members.rows()) rows.apply(change);
      for (const { kind, id, urls, isLearner } of actions) {
        try {
          if (kind === "add") members.add({ id, peerUrls: parsePeerUrls(urls), isLearner });
          else if (kind === "remove") members.remove(id);
          else members.update(id, urls);
        } catch {
          // Refused: nothing may have changed.
        }
        const restored = membersOn(rows, options);
        expect(restored.list()).toEqual(members.list());
        expect(shown(restored.rows())).toEqual(shown(members.rows()));
        expect(hasOneOwnerEach(members.list())).toBe(true);
      }
    }),
  );
});

function hasOneOwnerEach(members: readonly Member[]): boolean {
  const urls = members.flatMap(({ peerUrls }) => [...new Set(peerUrls)]);
  return new Set(urls).size === urls.length;
}

test("CL10: a removed member's ID stays taken after a restart", () => {
  const rows = new Rows(["members_removed", "7", "removed"]);
  const add = () => membersOn(rows).add({ id: 7n, peerUrls: ["http://a:1"], isLearner: true });
  expect(add).toThrow("etcdserver: member not found");
});

test("CL10: versions and downgrades outlast a restart, and a version that is due is there at once", () => {
  const rows = new Rows();
  const clock = new VirtualClock();
  const versions = versionsOn(rows, clock);
  versions.enableDowngrade("3.6");
  expect(rows.shown).toEqual(['cluster downgrade={"target-version":"3.6.0","enabled":true}']);
  clock.advance(4000);
  expect(rows.shown).toEqual([
    "cluster clusterVersion=3.6.0",
    'cluster downgrade={"target-version":"3.6.0","enabled":true}',
  ]);
  const second = versionsOn(rows, clock);
  expect([second.cluster, second.downgradeTarget]).toEqual(["3.6.0", "3.6.0"]);
  second.cancelDowngrade();
  expect(rows.shown).toContain('cluster downgrade={"target-version":"","enabled":false}');
  const third = versionsOn(rows, clock);
  expect([third.cluster, third.downgradeTarget]).toEqual(["3.7.0", undefined]);
  expect(third.rows().length).toBe(2);
});

test("CL10: rows that make no sense are refused, and so is a version to come", () => {
  const bad = [
    ["members", "xyz", "{}"],
    ["members", "12345678901234567", "{}"],
    ["members", "1", "{"],
    ["members", "1", "null"],
    ["members_removed", "", "removed"],
  ] as const;
  for (const row of bad) expect(() => membersOn(new Rows(row))).toThrow(JournalError);
  for (const version of ["3.8.0", "x", "4.0.0", ""]) {
    expect(() => versionsOn(new Rows(["cluster", "clusterVersion", version]))).toThrow(JournalError);
  }
});

test("CL2: parsing peer URLs ends, in URLs that parse to themselves, or in etcd's error", () => {
  const part = fc.constantFrom(
    "http",
    "unix",
    ":",
    "//",
    "/",
    "[",
    "]",
    "::1",
    "%41",
    "%e4",
    "@",
    "?",
    "#",
    " ",
    "h",
    "1",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      let parsed: string[];
      try {
        parsed = parsePeerUrls([parts.join("")]);
      } catch (error) {
        expect(String(error)).toContain("etcdserver: given member URLs are invalid");
        return;
      }
      expect(parsePeerUrls(parsed)).toEqual(parsed);
    }),
  );
});
