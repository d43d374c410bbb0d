/** How a Worker finds the store that a request is for. */
import { describe, expect, test } from "vitest";
import { createWorker, type ObjectNamespace, type Route } from "../../../src/platform/workerd/index.ts";

/** Says which object was asked for what. */
const NAMESPACE: ObjectNamespace = {
  idFromName: (name) => name,
  get: (id) => ({ fetch: async (request) => new Response(`${String(id)} ${new URL(request.url).pathname}`) }),
};

async function ask(route: Route, url: string, headers: Record<string, string> = {}): Promise<string> {
  const worker = createWorker({ objects: () => NAMESPACE, route });
  const response = await worker.fetch(new Request(url, { method: "POST", headers, body: "{}" }), {});
  return response.status === 200 ? response.text() : String(response.status);
}

describe("a Worker finds a store", () => {
  test("by the path", async () => {
    expect(await ask({ by: "path" }, "http://x/stores/a/v3/kv/put")).toBe("a /v3/kv/put");
    expect(await ask({ by: "path" }, "http://x/stores/a%2Fb/v3/kv/put")).toBe("a/b /v3/kv/put");
    expect(await ask({ by: "path" }, "http://x/stores/a")).toBe("a /");
    expect(await ask({ by: "path", prefix: "/" }, "http://x/a/health")).toBe("a /health");
    expect(await ask({ by: "path" }, "http://x/stores/")).toBe("404");
    expect(await ask({ by: "path" }, "http://x/stores/%ff/v3")).toBe("404");
    expect(await ask({ by: "path" }, "http://x/other/a/v3")).toBe("404");
    expect(await ask({ by: "path" }, `http://x/stores/${"a".repeat(1025)}/v3`)).toBe("404");
  });

  test("by the host", async () => {
    const route: Route = { by: "host", suffix: "etcd.example.com" };
    expect(await ask(route, "https://a.etcd.example.com/health")).toBe("a /health");
    expect(await ask(route, "https://etcd.example.com/health")).toBe("404");
    expect(await ask(route, "https://other.example.com/health")).toBe("404");
  });

  test("by a header", async () => {
    expect(await ask({ by: "header" }, "http://x/health", { "etcdlite-store": "a" })).toBe("a /health");
    expect(await ask({ by: "header", header: "tenant" }, "http://x/health", { tenant: "b" })).toBe("b /health");
    expect(await ask({ by: "header" }, "http://x/health")).toBe("404");
  });

  test("by nothing, where there is one only", async () => {
    expect(await ask({ by: "name", name: "only" }, "http://x/health")).toBe("only /health");
  });

  test("by a function, which may refuse", async () => {
    const worker = createWorker({
      objects: () => NAMESPACE,
      route: (request) =>
        request.headers.has("authorization") ? { name: "a" } : new Response("who are you?", { status: 401 }),
    });
    expect((await worker.fetch(new Request("http://x/"), {})).status).toBe(401);
    const headers = { authorization: "x" };
    expect(await (await worker.fetch(new Request("http://x/", { headers }), {})).text()).toBe("a /");
  });

  test("and answers 503 where the object does not", async () => {
    const fetch = async (): Promise<Response> => {
      throw new Error("moved");
    };
    const objects = (): ObjectNamespace => ({ idFromName: String, get: () => ({ fetch }) });
    const worker = createWorker({ objects, route: { by: "name", name: "a" } });
    expect((await worker.fetch(new Request("http://x/"), {})).status).toBe(503);
  });
});
