/** Which requests a web page cannot have served, as the server sees them; in a browser: test/browser/security. */
import { gzipSync } from "node:zlib";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { KV, PutResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Cors } from "../../../src/platform/node/http/cors.ts";
import { HostWhitelist } from "../../../src/platform/node/http/host-whitelist.ts";
import type { HttpRequest } from "../../../src/platform/node/http/types.ts";
import { fc } from "../../support/property.ts";
import { type Answer, VERSIONS } from "./support/ask.ts";
import { binding, startFront } from "./support/front.ts";
import { frame, hex, RawClient } from "./support/raw.ts";

const CONNECT_PUT = "/etcdserverpb.KV/Put";
const JSON_TYPE = { "content-type": "application/json" };
const PUT_BODY = '{"key":"aw==","value":"dg=="}';

function startCounting(options: Parameters<typeof startFront>[0] = {}) {
  let puts = 0;
  const put = () => {
    puts++;
    return create(PutResponseSchema);
  };
  return startFront({ bindings: [binding(KV, { put })], ...options }).then((front) => ({ ...front, puts: () => puts }));
}

describe.each(VERSIONS)("a foreign Host on a loopback address, over %s", (_version, ask) => {
  test.each([
    "evil.example",
    "evil.example:2379",
    "127.0.0.1.evil.example",
    "localhost.evil.example:2379",
    "EVIL.EXAMPLE.",
    "evil.example:1:2",
    "1.2.3.4.5",
    "[::1].evil.example",
  ])("%s is refused, and the flag named", async (host) => {
    const { url, puts } = await startCounting();
    const answers = [
      await ask(url, "POST", CONNECT_PUT, { ...JSON_TYPE, host }, PUT_BODY),
      await ask(url, "POST", "/v3/kv/put", { ...JSON_TYPE, host, origin: `http://${host}` }, PUT_BODY),
      await ask(url, "POST", CONNECT_PUT, { "content-type": "application/grpc-web+proto", host }, "\0\0\0\0\0"),
      await ask(url, "GET", "/metrics", { host }),
      await ask(url, "OPTIONS", CONNECT_PUT, { host, origin: `http://${host}` }),
    ];
    for (const { status, headers, body } of answers) {
      expect(status).toBe(403);
      expect(body).toContain("etcdlite --host-whitelist");
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
    expect(puts()).toBe(0);
  });

  test.each([
    "localhost:2379",
    "LOCALHOST",
    "app.localhost",
    "localhost.",
    "etcd:2379",
    "127.0.0.1",
    "10.1.2.3:2379",
    "0.0.0.0",
    "[::1]:2379",
    "[fe80::1]",
    "[::ffff:10.1.2.3]:1",
  ])("%s is served", async (host) => {
    const { url, puts } = await startCounting();
    expect((await ask(url, "POST", CONNECT_PUT, { ...JSON_TYPE, host }, PUT_BODY)).status).toBe(200);
    expect(puts()).toBe(1);
  });
});

test("native gRPC may name any host, compressed or not", async () => {
  const { url, puts } = await startCounting();
  const client = await RawClient.connect(url);
  const headers = { ":authority": "etcd.prod.example:2379" };
  const message = hex("0a016b");
  expect((await client.call({ headers, chunks: [frame(message)] })).code).toBe(0);
  const zipped = { ...headers, "grpc-encoding": "gzip" };
  expect((await client.call({ headers: zipped, chunks: [frame(gzipSync(message), 1)] })).code).toBe(0);
  expect(puts()).toBe(2);
});

describe("on addresses that are not loopback, and by TLS", () => {
  const from = (localAddress: string | undefined, encrypted = false): HttpRequest =>
    ({
      httpVersionMajor: 1,
      headers: { host: "etcd.example" },
      socket: { localAddress, encrypted },
    }) as unknown as HttpRequest;

  test("every host is welcome, as in etcd", () => {
    const hosts = new HostWhitelist([]);
    expect(hosts.refusal(from("10.0.0.5"))).toBeUndefined();
    expect(hosts.refusal(from("fd00::5"))).toBeUndefined();
    expect(hosts.refusal(from(undefined))).toBeUndefined();
    expect(hosts.refusal(from("127.0.0.1", true))).toBeUndefined();
    for (const loopback of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
      expect(hosts.refusal(from(loopback))?.status).toBe(403);
    }
  });

  test("a list holds everywhere", () => {
    const hosts = new HostWhitelist(["a.example"]);
    expect(hosts.refusal(from("10.0.0.5"))?.status).toBe(421);
    expect(hosts.refusal(from("127.0.0.1"))?.status).toBe(421);
  });
});

describe.each(VERSIONS)("where a request comes from, over %s", (_version, ask) => {
  const send = async (headers: Record<string, string>, cors: string[] = []): Promise<Answer & { puts: number }> => {
    const { url, puts } = await startCounting({ cors });
    const answer = await ask(url, "POST", CONNECT_PUT, { ...JSON_TYPE, ...headers }, PUT_BODY);
    return { ...answer, puts: puts() };
  };
  const CROSS = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };

  test.each<Record<string, string>>([
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { origin: "chrome-extension://abcdef", "sec-fetch-site": "none" },
    { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    { ...CROSS },
    // A form that sends itself: a visit reads.
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  ])("%j is refused", async (headers) => {
    const { status, body, puts } = await send(headers);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toEqual({ code: 7, message: expect.stringContaining("see --cors") });
    expect(puts).toBe(0);
  });

  test.each<Record<string, string>>([
    {},
    { origin: "http://localhost:5173", "sec-fetch-site": "same-site" },
    { origin: "http://127.0.0.1:5173", "sec-fetch-site": "cross-site" },
    // The server's own page, behind a proxy that has a name and TLS.
    { origin: "https://etcd.example", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
  ])("%j is served", async (headers) => {
    expect(await send(headers)).toMatchObject({ status: 200, puts: 1 });
  });

  test("where every page may, nothing is refused", async () => {
    expect(await send({ origin: "null", ...CROSS }, ["*"])).toMatchObject({ status: 200, puts: 1 });
  });

  test("a link leads here, a frame and a picture do not", async () => {
    const { url } = await startCounting();
    const get = async (dest: string, mode = "navigate"): Promise<number> => {
      const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": mode, "sec-fetch-dest": dest };
      return (await ask(url, "GET", "/version", headers)).status;
    };
    expect(await get("document")).toBe(200);
    for (const dest of ["iframe", "frame", "object", "embed"]) expect(await get(dest)).toBe(403);
    for (const dest of ["image", "script", "style", "empty"]) expect(await get(dest, "no-cors")).toBe(403);
  });

  test("who may call, may from a public page's network", async () => {
    const origin = "https://app.example";
    const asked = { "access-control-request-method": "POST", "access-control-request-private-network": "true" };
    const { url } = await startCounting({ cors: [origin] });
    const answer = await ask(url, "OPTIONS", CONNECT_PUT, { origin, ...asked });
    expect(answer.headers["access-control-allow-private-network"]).toBe("true");
    const other = await ask(url, "OPTIONS", CONNECT_PUT, { origin: "https://evil.example", ...asked });
    expect(other.headers["access-control-allow-private-network"]).toBeUndefined();
  });
});

test("what is refused again and again is told once, and under many names not without end", async () => {
  const front = await startCounting();
  const [, [, ask]] = VERSIONS as [unknown, (typeof VERSIONS)[number]];
  const warnings = (): string[] => front.logged.filter((line) => line.startsWith("warn"));
  for (const host of ["a.example", "a.example", "b.example"]) await ask(front.url, "GET", "/", { host });
  expect(warnings().length).toBe(2);
  for (let i = 0; i < 120; i++) await ask(front.url, "GET", "/", { origin: `https://${i}.example` });
  expect(warnings().length).toBe(100);
});

describe("for any text", () => {
  const requestOf = (headers: Record<string, string>): HttpRequest =>
    ({ httpVersionMajor: 1, headers, socket: { localAddress: "127.0.0.1" } }) as unknown as HttpRequest;
  const piece = fc.oneof(
    fc.constantFrom(
      "localhost",
      "127.0.0.1",
      "[::1]",
      "evil.example",
      "%",
      "@",
      ":",
      "/",
      ".",
      "http://",
      "\\",
      "#",
      "?",
    ),
    fc.string({ maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

  test("an origin that may call by default is one that browsers take for this machine", () => {
    fc.assert(
      fc.property(text, (rest) => {
        for (const origin of [rest, `http://${rest}`, `https://${rest}`]) {
          if (new Cors([]).refuses(requestOf({ host: "x", origin }))) continue;
          const { hostname } = new URL(origin);
          expect(hostname).toMatch(/^(?:x|localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/i);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("a Host that is served on loopback is none that its owner can have pointed there", () => {
    fc.assert(
      fc.property(text, (host) => {
        if (new HostWhitelist([]).refusal(requestOf({ host })) !== undefined || !URL.canParse(`http://${host}`)) return;
        const { hostname } = new URL(`http://${host}`);
        // Browsers put only this into the header.
        if (hostname !== host.replace(/:\d*$/, "").toLowerCase()) return;
        expect(hostname).toMatch(/^(?:[^.]*\.?|.*\.localhost\.?|\d+(\.\d+){3}|\[[\da-f:]+\])$/);
      }),
      { numRuns: 3000 },
    );
  });
});
