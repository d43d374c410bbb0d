/** No path, however it is written, leads out of the page's folder: every file beside it says `secret`. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StaticFiles } from "../../../src/platform/node/http/static-files.ts";
import { fc } from "../../support/property.ts";
import { VERSIONS } from "./support/ask.ts";
import { startFront } from "./support/front.ts";
import { RawClient, RawSocket } from "./support/raw.ts";

const PAGES = ["/", "/index.html", "/app.js", "/deep/", "/deep/index.html", "/deep/a.txt"];

let folder: string;
let webRoot: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "etcdlite-static-"));
  webRoot = join(folder, "web");
  mkdirSync(join(webRoot, "deep"), { recursive: true });
  mkdirSync(join(folder, "outside"));
  for (const name of ["index.html", "app.js", "deep/index.html", "deep/a.txt"]) {
    writeFileSync(join(webRoot, name), `served ${name}`);
  }
  writeFileSync(join(folder, "outside.txt"), "secret");
  writeFileSync(join(folder, "outside", "a.txt"), "secret");
  writeFileSync(join(folder, "web.txt"), "secret");
  writeFileSync(join(webRoot, ".hidden"), "secret");
  writeFileSync(join(webRoot, "key.pem"), "secret");
  symlinkSync(join(folder, "outside.txt"), join(webRoot, "link.txt"));
  symlinkSync(join(folder, "outside"), join(webRoot, "linked"));
  symlinkSync("..", join(webRoot, "deep", "up"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ESCAPES = (() => {
  const dots = ["..", "%2e%2e", ".%2e", "%252e%252e", "%c0%ae%c0%ae", "%e0%80%ae.", "..;", "...", "..%00", "．．"];
  const slashes = ["/", "%2f", "\\", "%5c", "%252f", "%c0%af", "%255c", "//", "/./"];
  const climbs = dots.flatMap((dot) => slashes.map((slash) => `/${dot}${slash}outside.txt`));
  const deeper = climbs.flatMap((path) => [path, `/deep${path.replace("outside", "../outside")}`]);
  const others = [
    ...["/link.txt", "/linked/a.txt", "/linked", "/deep/up/app.js", "/.hidden", "/key.pem", "/deep/../app.js"],
    ...[
      "//outside.txt",
      "/INDEX.HTML",
      "/App.js",
      "/app.js/",
      "/app.js%00",
      "/app.js%00.txt",
      "/app.js;x",
      "/app%2ejs",
    ],
    ...["/./app.js", "//app.js", "/deep//a.txt", "/C:/Windows/win.ini", "/web.txt", "/../web/app.js", "/app.js::$DATA"],
    ...["/__proto__", "/constructor", "/hasOwnProperty", `/${"a".repeat(8000)}`, `/${"../".repeat(2500)}etc/passwd`],
    "*",
  ];
  return [...deeper, ...others];
})();

describe.each(VERSIONS)("over %s", (_version, ask) => {
  test(`each of ${ESCAPES.length} ways out is not found, by GET and HEAD, whatever else is asked`, async () => {
    const { url } = await startFront({ webRoot });
    const more: Record<string, string>[] = [
      {},
      { range: "bytes=0-5" },
      { "if-none-match": "*", "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" },
    ];
    // What is no path at all is for raw sockets, below.
    for (const path of ESCAPES.filter((text) => /^\/[!-~]*$/.test(text))) {
      for (const [at, method] of ["GET", "HEAD", "GET"].entries()) {
        const { status, body } = await ask(url, method, path, more[at]);
        expect({ path, status }).toEqual({ path, status: 404 });
        expect(body).not.toContain("secret");
      }
    }
  });

  test("a range is answered in whole, a part of a path in nothing", async () => {
    const { url } = await startFront({ webRoot });
    for (const range of ["bytes=0-1", "bytes=-5", "bytes=9-1", "bytes=0-,0-,0-", "bytes=99999999999-"]) {
      const { status, body } = await ask(url, "GET", "/app.js", { range });
      expect([status, body]).toEqual([200, "served app.js"]);
    }
    for (const path of PAGES) expect((await ask(url, "GET", `${path}?q=/../../outside.txt`)).status).toBe(200);
  });

  test("a file that has become a link is not followed, nor a folder", async () => {
    const root = mkdtempSync(join(folder, "swapped-"));
    mkdirSync(join(root, "sub"));
    for (const name of ["a.txt", "sub/b.txt", "sub/a.txt"]) writeFileSync(join(root, name), "served");
    const { url } = await startFront({ webRoot: root });
    expect((await ask(url, "GET", "/sub/a.txt")).body).toBe("served");
    rmSync(join(root, "a.txt"));
    symlinkSync(join(folder, "outside.txt"), join(root, "a.txt"));
    renameSync(join(root, "sub"), join(folder, `${basename(root)}-moved`));
    symlinkSync(join(folder, "outside"), join(root, "sub"));
    for (const path of ["/a.txt", "/sub/a.txt"]) {
      const { status, body } = await ask(url, "GET", path);
      expect([status, body]).toEqual([500, "500 internal server error\n"]);
    }
  });

  test("the headers of every file, and of what is no file", async () => {
    const { url } = await startFront({ webRoot });
    for (const path of PAGES) {
      const { headers } = await ask(url, "GET", path);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(headers["permissions-policy"]).toContain("camera=()");
      const policy = String(headers["content-security-policy"]);
      expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(policy).not.toMatch(/unsafe|\*/);
    }
    for (const path of ["/nothing", "/version", "/v3/kv/range"]) {
      expect((await ask(url, "GET", path)).headers["x-content-type-options"]).toBe("nosniff");
    }
  });
});

describe("as bytes", () => {
  test("HTTP/1.1: what no client would send leads nowhere", async () => {
    const { port } = await startFront({ webRoot });
    const targets = [
      ...ESCAPES,
      "http://127.0.0.1/../outside.txt",
      "file:///etc/passwd",
      "/\x80\xae\x80\xae/outside.txt",
      "/\xc0\xae\xc0\xae/outside.txt",
      "../outside.txt",
      "outside.txt",
      "\\..\\outside.txt",
    ];
    for (const target of targets) {
      const socket = await RawSocket.connect(port);
      await socket.send(
        Buffer.from(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, "latin1"),
      );
      const answer = await socket.closed;
      expect({ target, line: answer.slice(0, 12) }).toEqual({
        target,
        line: expect.stringMatching(/^HTTP\/1\.1 (404|400)$/),
      });
      expect(answer).not.toContain("secret");
    }
    const socket = await RawSocket.connect(port);
    await socket.send("GET /app.js\0/../outside.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(await socket.closed).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("HTTP/2: a path that is none is refused", async () => {
    const { url } = await startFront({ webRoot });
    const client = await RawClient.connect(url);
    for (const path of ["", "outside.txt", "../outside.txt", "/../outside.txt", "*", "http://x/app.js"]) {
      const headers = { ":method": "GET", ":path": path, "content-type": undefined, te: undefined };
      const { httpStatus, body } = await client.call({ headers });
      expect({ path, isFound: httpStatus === 200 }).toEqual({ path, isFound: false });
      expect(body.toString()).not.toContain("secret");
    }
  });
});

test("for any path: it is one of the files' names, letter by letter, or nothing", async () => {
  const files = await StaticFiles.of(webRoot);
  const part = fc.oneof(
    fc.constantFrom("..", ".", "/", "\\", "%2e", "%2f", "%5c", "%00", "\0", "deep", "app.js", "index.html", "a.txt"),
    fc.constantFrom("outside.txt", "link.txt", "linked", "up", "web", "?", "#", ";", ":", "~", "％", "\u2024"),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      for (const path of [parts.join(""), `/${parts.join("/")}`]) {
        expect({ path, has: files.has(path) }).toEqual({ path, has: PAGES.includes(path) });
      }
    }),
    { numRuns: 5000 },
  );
  for (const path of PAGES) expect(files.has(path)).toBe(true);
});
