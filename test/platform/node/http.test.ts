/** What is served beside native gRPC: CORS, the host whitelist, the page, and answers to requests for nothing. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KV, PutResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { type Answer, VERSIONS } from "./support/ask.ts";
import { binding, startFront } from "./support/front.ts";
import { frame, hex, PUT, RANGE, RawClient } from "./support/raw.ts";

const bindings = [binding(KV, { put: () => create(PutResponseSchema) })];

describe.each(VERSIONS)("CORS over %s", (_version, ask) => {
  const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "content-type" };

  async function allowedOrigin(cors: readonly string[], origin: string): Promise<string | undefined> {
    const { url } = await startFront({ bindings, cors });
    const answers = [
      await ask(url, "OPTIONS", PUT, { origin, ...preflight }),
      await ask(url, "POST", PUT, { origin, "content-type": "application/grpc-web+proto" }),
      await ask(url, "GET", "/nothing", { origin }),
    ];
    const allowed = new Set(answers.map(({ headers }) => headers["access-control-allow-origin"]));
    expect(allowed.size).toBe(1);
    return [...allowed][0];
  }

  test.each(["http://localhost:5173", "https://localhost", "http://app.localhost:80", "http://127.0.0.1:1"])(
    "%s may call by default",
    async (origin) => expect(await allowedOrigin([], origin)).toBe(origin),
  );

  test.each([
    "https://example.com",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://example.com:127",
    "null",
    "file://",
  ])("%s may not by default", async (origin) => expect(await allowedOrigin([], origin)).toBeUndefined());

  test("the server's own page may, whatever the server is called", async () => {
    const { url } = await startFront({ bindings, hostWhitelist: ["box.example"] });
    const headers = { host: "box.example:8080", origin: "http://box.example:8080" };
    const answer = await ask(url, "POST", PUT, headers);
    expect(answer.headers["access-control-allow-origin"]).toBe("http://box.example:8080");
  });

  test("a list admits what is on it and nothing else", async () => {
    const list = ["https://app.example", "http://b.example:8080/"];
    expect(await allowedOrigin(list, "https://app.example")).toBe("https://app.example");
    expect(await allowedOrigin(list, "http://b.example:8080")).toBe("http://b.example:8080");
    expect(await allowedOrigin(list, "http://app.example")).toBeUndefined();
    expect(await allowedOrigin(list, "http://localhost:5173")).toBeUndefined();
  });

  test("an asterisk admits every page", async () => {
    expect(await allowedOrigin(["*"], "https://example.com")).toBe("*");
    expect(await allowedOrigin(["*"], "null")).toBe("*");
  });

  test("a preflight allows what gRPC-Web and Connect send, replies expose what they read", async () => {
    const { url } = await startFront({ bindings });
    const origin = "http://localhost:5173";
    const answer = await ask(url, "OPTIONS", PUT, { origin, ...preflight });
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-methods"]).toContain("POST");
    const allowed = String(answer.headers["access-control-allow-headers"]).toLowerCase().split(", ");
    const needed = ["content-type", "connect-protocol-version", "connect-timeout-ms", "x-grpc-web", "grpc-timeout"];
    expect(allowed).toEqual(expect.arrayContaining([...needed, "authorization", "token"]));
    expect(answer.headers.vary).toBe("Origin");
    const reply = await ask(url, "POST", PUT, { origin, "content-type": "application/grpc-web+proto" });
    expect(String(reply.headers["access-control-expose-headers"]).toLowerCase()).toContain("grpc-status");
  });
});

describe.each(VERSIONS)("the host whitelist over %s", (_version, ask) => {
  const statusFor = async (hostWhitelist: readonly string[], host: string): Promise<Answer> =>
    ask((await startFront({ bindings, hostWhitelist })).url, "GET", "/", { host });

  test.each(["good.example", "good.example:2379", "127.0.0.1:2379", "127.8.9.1", "[::1]:2379", "[::1]"])(
    "%s passes",
    async (host) => expect((await statusFor(["good.example"], host)).status).toBe(404),
  );

  test.each(["evil.example", "evil.example:2379", "localhost:2379", "good.example.evil", "127.0.0.1.evil.example"])(
    "%s is misdirected",
    async (host) => {
      const answer = await statusFor(["good.example"], host);
      expect(answer.status).toBe(421);
      expect(answer.body).toContain("the Host header was unrecognized");
      expect(answer.body).toContain(`--host-whitelist "${host.replace(/:2379$/, "")}"`);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    },
  );

  test.each([[["*"]], [["good.example", "*"]]])("%j lets every host pass", async (list) => {
    expect((await statusFor(list, "evil.example")).status).toBe(404);
  });
});

test("native gRPC is not asked for its host, as in etcd", async () => {
  const { url } = await startFront({ bindings, hostWhitelist: ["good.example"] });
  const client = await RawClient.connect(url);
  const reply = await client.call({ headers: { ":authority": "evil.example" }, chunks: [frame(hex("0a016b"))] });
  expect(reply.code).toBe(0);
});

describe.each(VERSIONS)("the page over %s", (_version, ask) => {
  let folder: string;
  let webRoot: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "etcdlite-web-"));
    webRoot = join(folder, "web");
    mkdirSync(join(webRoot, "deep"), { recursive: true });
    writeFileSync(join(webRoot, "index.html"), "<title>the page</title>");
    writeFileSync(join(webRoot, "app.js"), "1;");
    mkdirSync(join(webRoot, "assets"));
    writeFileSync(join(webRoot, "assets", "index-Dc4S2GW_.js"), `/* ${"x".repeat(2000)} */`);
    writeFileSync(join(webRoot, "deep", "style.css"), "body {}");
    writeFileSync(join(webRoot, "secret.key"), "secret");
    writeFileSync(join(folder, "outside.txt"), "secret");
    symlinkSync(join(folder, "outside.txt"), join(webRoot, "link.txt"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("files come with their types, and with a policy that loads nothing from elsewhere", async () => {
    const { url } = await startFront({ webRoot });
    const page = await ask(url, "GET", "/?a=b");
    expect(page).toMatchObject({ status: 200, body: "<title>the page</title>" });
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect((await ask(url, "GET", "/index.html")).body).toBe(page.body);
    expect((await ask(url, "GET", "/app.js")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect((await ask(url, "GET", "/deep/style.css")).headers["content-type"]).toBe("text/css; charset=utf-8");
  });

  test("HEAD has no body, and what a browser has already is not sent again", async () => {
    const { url } = await startFront({ webRoot });
    const head = await ask(url, "HEAD", "/");
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(head.headers["content-length"]).toBe("23");
    const again = await ask(url, "GET", "/", { "if-none-match": String(head.headers.etag) });
    expect(again).toMatchObject({ status: 304, body: "" });
  });

  test("what is named by its content is kept for good, all else is asked for again", async () => {
    const { url } = await startFront({ webRoot });
    const hashed = await ask(url, "GET", "/assets/index-Dc4S2GW_.js");
    expect(hashed.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    for (const path of ["/", "/app.js"]) {
      expect((await ask(url, "GET", path)).headers["cache-control"]).toBe("no-cache");
    }
  });

  test("large files are compressed for those who can read it", async () => {
    const { url } = await startFront({ webRoot });
    const plain = await ask(url, "GET", "/assets/index-Dc4S2GW_.js");
    const zipped = await ask(url, "GET", "/assets/index-Dc4S2GW_.js", { "accept-encoding": "br, gzip" });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect(Number(zipped.headers["content-length"])).toBeLessThan(200);
    expect(zipped.headers.etag).not.toBe(plain.headers.etag);
    expect(zipped.headers.vary).toBe("Origin, Accept-Encoding");
    const refused = await ask(url, "GET", "/assets/index-Dc4S2GW_.js", { "accept-encoding": "gzip;q=0, br" });
    expect(refused.headers["content-encoding"]).toBeUndefined();
    expect(refused.body).toBe(plain.body);
    expect((await ask(url, "GET", "/app.js", { "accept-encoding": "gzip" })).headers["content-encoding"]).toBe(
      undefined,
    );
  });

  test("the page is told that it comes from a server", async () => {
    const marked = join(folder, "marked");
    mkdirSync(marked, { recursive: true });
    writeFileSync(join(marked, "index.html"), "<html><head><title>t</title></head></html>");
    const { url } = await startFront({ webRoot: marked });
    const page = await ask(url, "GET", "/");
    expect(page.body).toBe('<html><head><meta name="etcdlite-server" content="yes" /><title>t</title></head></html>');
    expect(page.headers["content-length"]).toBe(String(page.body.length));
  });

  test("where it has not been built, that is said", async () => {
    const { url } = await startFront({ bindings });
    const answer = await ask(url, "GET", "/");
    expect(answer.status).toBe(404);
    expect(answer.body).toContain("npm run build");
  });

  test.each([
    "/../outside.txt",
    "/deep/../../outside.txt",
    "/%2e%2e/outside.txt",
    "/..%2foutside.txt",
    "/deep/..%5c..%5coutside.txt",
    "//outside.txt",
    "/./outside.txt",
    "/link.txt",
    "/secret.key",
    "/deep",
    "/index.html/",
    "/INDEX.HTML",
    "/index.html%00.js",
  ])("%s is not found", async (path) => {
    const { url } = await startFront({ webRoot });
    const answer = await ask(url, "GET", path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("secret");
  });

  test.each(["POST", "PUT", "DELETE"])("%s is not for files", async (method) => {
    const { url } = await startFront({ webRoot });
    const answer = await ask(url, method, "/app.js");
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD");
  });
});

describe.each(VERSIONS)("requests for nothing over %s", (_version, ask) => {
  test("the answer says what is served", async () => {
    const { url } = await startFront({ bindings });
    const answer = await ask(url, "GET", "/v2/keys");
    expect(answer.status).toBe(404);
    expect(answer.body).toContain("/etcdserverpb.KV/Range");
    expect((await ask(url, "POST", "/etcdserverpb.KV/Nope")).status).toBe(404);
  });

  test("an RPC's path takes POST and known content types", async () => {
    const { url } = await startFront({ bindings });
    expect((await ask(url, "GET", RANGE)).status).toBe(405);
    expect((await ask(url, "POST", RANGE, { "content-type": "text/plain" })).status).toBe(415);
    expect((await ask(url, "POST", RANGE)).status).toBe(415);
  });
});
