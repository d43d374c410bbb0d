/** Requests written by hand: Connect's JSON as curl sends it, and what browsers ask before a page may call. */
import assert from "node:assert/strict";
import { Agent, request } from "node:http";

export type RawCase = {
  readonly name: string;
  /** Of a server of its own; undefined: the suite's server. */
  readonly flags?: readonly string[];
  body(url: string): Promise<void>;
};

const RANGE = "/etcdserverpb.KV/Range";
/** The key "a" in base64. */
const KEY_A = "YQ==";

async function postJson(url: string, path: string, body: unknown): Promise<{ status: number; reply: unknown }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, reply: await response.json() };
}

/** Posts over one connection; resolves with the HTTP status. */
function postOn(agent: Agent, url: string, contentType: string, body: Uint8Array): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": contentType, "content-length": body.length };
    const call = request(url + RANGE, { method: "POST", agent, headers }, (response) => {
      response.on("end", () => resolve(response.statusCode)).resume();
    });
    call.on("error", reject).end(body);
  });
}

/** A message as gRPC-Web and Connect's streams frame it. */
function enveloped(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}

export const jsonCases: readonly RawCase[] = [
  {
    name: "HTTP/1.1: the connection is good after a request that was far too large",
    body: async (url) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const large = new Uint8Array(8 << 20);
      for (const [type, message] of [
        ["application/proto", large],
        ["application/grpc-web+proto", enveloped(large)],
      ] as const) {
        await postOn(agent, url, type, message);
        assert.equal(await postOn(agent, url, "application/json", Buffer.from(`{"key":"${KEY_A}"}`)), 200);
      }
      agent.destroy();
    },
  },
  {
    name: "JSON by hand: put, range, an error",
    body: async (url) => {
      const put = await postJson(url, "/etcdserverpb.KV/Put", { key: KEY_A, value: "MQ==" });
      assert.equal(put.status, 200);
      const range = await postJson(url, RANGE, { key: KEY_A });
      assert.equal((range.reply as { kvs: { value: string }[] }).kvs[0]?.value, "MQ==");
      const error = await postJson(url, RANGE, {});
      assert.equal(error.status, 400);
      assert.deepEqual(error.reply, { code: "invalid_argument", message: "etcdserver: key is not provided" });
    },
  },
];

/** What a browser sends before a page of that origin may post to the path. */
async function preflight(url: string, origin: string, headers: string): Promise<Headers> {
  const response = await fetch(url + RANGE, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": headers,
    },
  });
  await response.arrayBuffer();
  return response.headers;
}

const allowedOrigin = (headers: Headers): string | null => headers.get("access-control-allow-origin");

function assertLists(headers: Headers, name: string, wanted: readonly string[]): void {
  const listed = (headers.get(name) ?? "").toLowerCase().split(/, ?/);
  for (const header of wanted) assert.ok(listed.includes(header), `${name} lacks ${header}: ${listed}`);
}

const CONNECT_HEADERS = ["content-type", "connect-protocol-version", "connect-timeout-ms"];
const GRPC_WEB_HEADERS = ["content-type", "x-grpc-web", "x-user-agent", "grpc-timeout"];

export const corsCases: readonly RawCase[] = [
  {
    name: "CORS: a page of this machine may call, by default",
    body: async (url) => {
      for (const origin of ["http://localhost:5173", "http://127.0.0.1:8080"]) {
        for (const wanted of [CONNECT_HEADERS, GRPC_WEB_HEADERS]) {
          const headers = await preflight(url, origin, wanted.join(","));
          assert.equal(allowedOrigin(headers), origin);
          assert.match(headers.get("access-control-allow-methods") ?? "", /POST/);
          assertLists(headers, "access-control-allow-headers", wanted);
        }
      }
    },
  },
  {
    name: "CORS: responses expose what gRPC-Web needs",
    body: async (url) => {
      const headers = { origin: "http://localhost:5173", "content-type": "application/json" };
      const response = await fetch(url + RANGE, { method: "POST", headers, body: JSON.stringify({ key: KEY_A }) });
      assert.equal(allowedOrigin(response.headers), "http://localhost:5173");
      assertLists(response.headers, "access-control-expose-headers", ["grpc-status", "grpc-message"]);
    },
  },
  {
    name: "CORS: another page may not, by default",
    body: async (url) => {
      for (const origin of ["http://evil.example", "http://localhost.evil.example", "null"]) {
        assert.equal(allowedOrigin(await preflight(url, origin, "content-type")), null, origin);
      }
    },
  },
  {
    name: "CORS: every page may with --cors '*'",
    flags: ["--cors", "*"],
    body: async (url) => {
      const allowed = allowedOrigin(await preflight(url, "http://evil.example", "content-type"));
      assert.ok(allowed === "*" || allowed === "http://evil.example", `allowed: ${allowed}`);
    },
  },
  {
    name: "CORS: a list allows its pages alone",
    flags: ["--cors", "https://app.example"],
    body: async (url) => {
      assert.equal(allowedOrigin(await preflight(url, "https://app.example", "content-type")), "https://app.example");
      assert.equal(allowedOrigin(await preflight(url, "http://evil.example", "content-type")), null);
    },
  },
];
