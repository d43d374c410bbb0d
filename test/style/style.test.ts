/**
 * The style that is a contract: who may import whom, what pure code must not touch, how long things may be,
 * what must be said. Each rule's test names the files that break it, and why.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RULES } from "../../scripts/rules.ts";
import { filesUnder, isGenerated, ROOT, readText, type SourceFile, sourceFiles } from "./support/source.ts";

const PURE = ["mvcc", "lease", "auth", "server", "snapshot", "h2"];

/**
 * What each layer of src may import: itself, and what is named. All may import gen and errors.ts.
 *
 *     platform → driver → rpc → server → mvcc, lease, auth
 *     platform, driver, rpc → snapshot
 *     platform, driver, server, snapshot → journal
 */
const ARROWS: Record<string, readonly string[]> = {
  "errors.ts": [],
  mvcc: [],
  lease: [],
  auth: [],
  h2: [],
  journal: [],
  server: ["mvcc", "lease", "auth", "journal"],
  snapshot: ["journal"],
  rpc: ["server", "mvcc", "lease", "auth", "snapshot"],
  driver: ["rpc", "server", "snapshot", "journal"],
  platform: ["driver", "rpc", "server", "mvcc", "lease", "auth", "snapshot", "journal", "h2"],
};
const FOR_ALL = ["gen", "errors.ts"];

const MAX_FUNCTION_LINES = 70;
const MAX_FILE_LINES = 500;
/** What is this short is its own description. */
const MAX_UNDESCRIBED_LINES = 5;

const FOLDERS = ["src", "web", "test", "bench", "scripts"].filter((folder) => existsSync(join(ROOT, folder)));
const all = sourceFiles(...FOLDERS);
const src = all.filter((file) => file.path.startsWith("src/"));

/** The layer of a file of src: its folder, or its name at the top. */
function layerOf(path: string): string {
  return path.split("/")[1] ?? path;
}

function isTest(path: string): boolean {
  return path.startsWith("test/") || path.startsWith("bench/");
}

test("in src each layer imports only what is under it", () => {
  const wrong = src.flatMap((file) =>
    file.imports
      .filter(({ path }) => path !== undefined && !mayImport(file.path, path))
      .map(({ path }) => `${file.path} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

function mayImport(from: string, to: string): boolean {
  if (!to.startsWith("src/")) return false;
  const layer = layerOf(from);
  const allowed = ARROWS[layer];
  if (allowed === undefined) throw new Error(`${from}: no arrows are drawn for src/${layer}`);
  return [layer, ...allowed, ...FOR_ALL].includes(layerOf(to));
}

test("a layer is entered by its index.ts", () => {
  const entered = ["mvcc", "lease", "auth", "server", "rpc", "driver", "snapshot", "h2", "journal"];
  const wrong = src.flatMap((file) =>
    file.imports
      .filter(({ path }) => path?.startsWith("src/") && layerOf(path) !== layerOf(file.path))
      .filter(({ path = "" }) => entered.includes(layerOf(path)) && path !== `src/${layerOf(path)}/index.ts`)
      .map(({ path }) => `${file.path} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

test("no files of src import each other in a circle", () => {
  const byPath = new Map<string, SourceFile>(src.map((file) => [file.path, file]));
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    if (trail.includes(path) || done.has(path)) return;
    for (const imported of byPath.get(path)?.imports ?? []) {
      if (imported.path !== undefined) follow(imported.path, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of src) follow(path, []);
  expect(circles).toEqual([]);
});

test("web imports only itself, src/platform/browser and src/gen", () => {
  const wrong = all
    .filter((file) => file.path.startsWith("web/"))
    .flatMap((file) =>
      file.imports
        .filter(({ path }) => path !== undefined && !/^(web|src\/platform\/browser|src\/gen)\//.test(path))
        .map(({ path }) => `${file.path} imports ${path}`),
    );
  expect(wrong).toEqual([]);
});

test("nobody imports test or bench", () => {
  const wrong = all
    .filter((file) => !isTest(file.path))
    .flatMap((file) =>
      file.imports
        .filter(({ path }) => path !== undefined && isTest(path))
        .map(({ path }) => `${file.path} imports ${path}`),
    );
  expect(wrong).toEqual([]);
});

test("every relative import is of a file that is there, with its ending", () => {
  const wrong = all.flatMap((file) =>
    file.imports
      .filter(({ path }) => path !== undefined && !existsSync(join(ROOT, path)))
      .map(({ from }) => `${file.path} imports ${from}`),
  );
  expect(wrong).toEqual([]);
});

const BANNED: ReadonlyArray<[string, RegExp]> = [
  ["async", /\basync\b/],
  ["await", /\bawait\b/],
  ["Promise", /\bPromise\b/],
  ["a timer", /\b(setTimeout|setInterval|setImmediate|queueMicrotask|nextTick)\b/],
  ["the time of day", /\bDate\b|\bperformance\.now\b/],
  ["chance", /\bMath\.random\b|\bcrypto\b/],
  ["the process", /\bprocess\./],
  ["the console", /\bconsole\./],
];

/** As pure as they are: messages and their bytes. */
const PURE_PACKAGES = ["@bufbuild/protobuf"];

test("pure folders know nothing of time, chance, waiting, Node or Connect", () => {
  const wrong: string[] = [];
  for (const file of src.filter(({ path }) => PURE.includes(layerOf(path)))) {
    for (const { from, path } of file.imports) {
      if (path === undefined && !PURE_PACKAGES.includes(from)) wrong.push(`${file.path} imports ${from}`);
    }
    file.code.split("\n").forEach((line, at) => {
      for (const [what, pattern] of BANNED) if (pattern.test(line)) wrong.push(`${file.path}:${at + 1} uses ${what}`);
    });
  }
  expect(wrong).toEqual([]);
});

/** The sources of what package.json hands out, and the web page's. */
function entryPoints(): string[] {
  const manifest = JSON.parse(readText("package.json")) as { bin?: unknown; exports?: unknown };
  const built = strings([manifest.bin, manifest.exports]).flatMap((path) => {
    const found = /^(?:\.\/)?dist\/(src\/[^*]*)\.js$/.exec(path);
    return found === null ? [] : [`${found[1]}.ts`];
  });
  const web = all.filter((file) => file.path.startsWith("web/")).map((file) => file.path);
  return [...new Set([...built, ...web])];
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

test("every file of src is reached from what the package hands out", () => {
  const entries = entryPoints();
  expect(entries).toContain("src/platform/node/main.ts");
  expect(entries).toContain("src/platform/node/index.ts");
  const byPath = new Map<string, SourceFile>(all.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const reach = (path: string): void => {
    if (reached.has(path) || isGenerated(path)) return;
    reached.add(path);
    for (const imported of byPath.get(path)?.imports ?? []) if (imported.path !== undefined) reach(imported.path);
  };
  entries.forEach(reach);
  expect(src.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});

test("every value that src exports is imported somewhere, or is an entry point's", () => {
  const imported = new Set(all.flatMap((file) => file.imports.flatMap(({ names }) => names)));
  const entries = entryPoints();
  const unused = src
    .filter((file) => !entries.includes(file.path))
    .flatMap((file) =>
      file.exportedValues.filter((name) => !imported.has(name)).map((name) => `${file.path}: ${name}`),
    );
  expect(unused).toEqual([]);
});

test(`functions are at most ${MAX_FUNCTION_LINES} lines long, files ${MAX_FILE_LINES}`, () => {
  const long: string[] = [];
  for (const { path, text, functions } of all) {
    const lines = text.split("\n").length - 1;
    if (lines > MAX_FILE_LINES) long.push(`${path} has ${lines} lines`);
    for (const one of functions) {
      if (one.lines > MAX_FUNCTION_LINES) long.push(`${path}:${one.firstLine} ${one.name} has ${one.lines} lines`);
    }
  }
  expect(long).toEqual([]);
});

test("an exported function or class of src has a docblock, or its file begins with one that is for all of it", () => {
  const silent = src
    .filter(({ text }) => !text.startsWith("/**"))
    .flatMap((file) =>
      file.exported
        .filter(({ lines, hasDocblock }) => lines > MAX_UNDESCRIBED_LINES && !hasDocblock)
        .map(({ name, firstLine }) => `${file.path}:${firstLine} ${name}`),
    );
  expect(silent).toEqual([]);
});

const RULE_ID = new RegExp(`\\b(?:${[...new Set(RULES.map(({ id }) => id.slice(0, 2)))].join("|")})\\d+\\b`, "g");

test("rules that are cited exist", () => {
  const known = new Set(RULES.map(({ id }) => id));
  const wrong = filesUnder("proto", ...FOLDERS)
    .filter((path) => /\.(ts|tsx|proto|md)$/.test(path) && !isGenerated(path))
    .flatMap((path) =>
      [...readText(path).matchAll(RULE_ID)].filter(([id]) => !known.has(id)).map(([id]) => `${path}: ${id}`),
    );
  expect(wrong).toEqual([]);
});

test("pages that source files refer to exist", () => {
  const wrong = [...src.map(({ path }) => path), ...filesUnder("proto")].flatMap((path) =>
    [...readText(path).matchAll(/[\w/.-]*\w\.md\b/g)]
      .filter(([page]) => !existsSync(join(ROOT, page)))
      .map(([page]) => `${path} refers to ${page}`),
  );
  expect(wrong).toEqual([]);
});

test("the pages that a reader looks for first are there", () => {
  const pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "test/SPEC.md"];
  expect(pages.filter((page) => !existsSync(join(ROOT, page)))).toEqual([]);
});

/** Absolute paths that mean something on one machine only; the root of a URL's path does not count. */
const MACHINE_PATH = /(?<![\w.:/~-])\/(?:work|tmp|home|root|Users)\/[\w.-]+/;

test("no text file names a path of the machine it was written on", () => {
  const wrong = filesUnder(".")
    .filter(
      (path) => /\.(ts|tsx|js|mjs|json|md|txt|yaml|yml|proto|html|css|sh|go)$/.test(path) || path.startsWith(".ci/"),
    )
    .filter((path) => path !== "package-lock.json")
    .flatMap((path) =>
      readText(path)
        .split("\n")
        .flatMap((line, at) => (MACHINE_PATH.test(line) ? [`${path}:${at + 1}`] : [])),
    );
  expect(wrong).toEqual([]);
});
