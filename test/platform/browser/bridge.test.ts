import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { isNotAccepted } from "../../../src/platform/browser/bridge/client.ts";
import { fc } from "../../support/property.ts";
import { bridgeTo, chunks, collect, post, quiet } from "./support/bridge.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text = (parts: readonly Uint8Array[]): string => new TextDecoder().decode(Buffer.concat(parts));
const KIB = 1024;

describe("a request and its response", () => {
  test("carry method, URL, headers, bodies and trailers", async () => {
    const { client } = bridgeTo({
      "/echo": async ({ method, url, header, body }) => {
        const received = text(await collect(body as AsyncIterable<Uint8Array>));
        return {
          status: 201,
          header: new Headers({ "x-a": `${method} ${header.get("x-a")}` }),
          body: chunks(bytes(`${url} `), bytes(received)),
          trailer: new Headers({ "x-t": "end" }),
        };
      },
    });
    const request = { ...post("/echo?q", chunks(bytes("one "), bytes("two"))), header: new Headers({ "x-a": "b" }) };
    const response = await client.fetch(request);
    expect([response.status, response.header.get("x-a")]).toEqual([201, "POST b"]);
    expect(text(await collect(response.body))).toBe("http://store/echo?q one two");
    expect(response.trailer.get("x-t")).toBe("end");
  });

  test("of a path that is not there is a 404", async () => {
    const { client } = bridgeTo({});
    expect((await client.fetch(post("/nothing"))).status).toBe(404);
    const whole = await client.call({ url: "http://store/nothing", header: [], body: bytes("") }, undefined);
    expect(whole.status).toBe(404);
  });

  test("fails as Unavailable where the handler fails", async () => {
    const { client } = bridgeTo({ "/bad": () => Promise.reject(new Error("on purpose")) });
    const expected = expect.objectContaining({ code: Code.Unavailable, rawMessage: "on purpose" });
    await expect(client.fetch(post("/bad"))).rejects.toEqual(expected);
    await expect(client.call({ url: "http://store/bad", header: [], body: bytes("") }, undefined)).rejects.toEqual(
      expected,
    );
  });

  test("a body that fails midway fails behind what came before", async () => {
    const { client } = bridgeTo({
      "/half": async () => ({
        status: 200,
        body: (async function* () {
          yield bytes("half");
          throw new Error("on purpose");
        })(),
      }),
    });
    const response = await client.fetch(post("/half"));
    const iterator = response.body[Symbol.asyncIterator]();
    expect(text([(await iterator.next()).value as Uint8Array])).toBe("half");
    await expect(iterator.next()).rejects.toThrow("on purpose");
  });

  test("a chunk that is a view of a larger buffer is sent without the rest of it", async () => {
    const { client } = bridgeTo({ "/size": async ({ body }) => ({ status: 200, body: sizes(body as never) }) });
    async function* sizes(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) yield bytes(`${chunk.length} of ${chunk.buffer.byteLength} `);
    }
    const large = new Uint8Array(200 * KIB);
    const response = await client.fetch(post("/size", chunks(large.subarray(1, 4), large.subarray(0, 100 * KIB))));
    expect(text(await collect(response.body))).toBe(`3 of 3 ${100 * KIB} of ${100 * KIB} `);
    expect(large.length).toBe(200 * KIB);
  });
});

describe("a whole call", () => {
  test("is answered by what answers such calls, without the handler for any", async () => {
    const { client } = bridgeTo({
      "/upper": {
        handler: () => Promise.reject(new Error("not this one")),
        whole: ({ body }) => ({
          response: { status: 200, header: [["x-a", "b"]], body: bytes(text([body]).toUpperCase()) },
          abort: () => {},
        }),
      },
    });
    const response = await client.call({ url: "http://store/upper", header: [], body: bytes("abc") }, undefined);
    expect([response.status, response.header, text([response.body])]).toEqual([200, [["x-a", "b"]], "ABC"]);
  });

  test("falls back on the handler for any", async () => {
    const { client } = bridgeTo({
      "/any": {
        handler: async ({ body }) => ({ status: 200, body: chunks(...(await collect(body as never)), bytes("!")) }),
        whole: () => undefined,
      },
    });
    const response = await client.call({ url: "http://store/any", header: [], body: bytes("abc") }, undefined);
    expect(text([response.body])).toBe("abc!");
  });

  test("is canceled by its signal, and the other end is told", async () => {
    const aborted: unknown[] = [];
    const { client, server } = bridgeTo({
      "/slow": {
        handler: () => Promise.reject(new Error("not this one")),
        whole: () => ({ response: new Promise(() => {}), abort: (reason) => aborted.push(reason) }),
      },
    });
    const abort = new AbortController();
    const call = client.call({ url: "http://store/slow", header: [], body: bytes("") }, abort.signal);
    await expect.poll(() => server.open).toBe(1);
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: Code.Canceled });
    await expect.poll(() => aborted.length).toBe(1);
    expect(server.open).toBe(0);
  });
});

describe("back-pressure", () => {
  test("a response nobody reads is made no further than there is room", async () => {
    let made = 0;
    const { client } = bridgeTo({
      "/endless": async () => ({
        status: 200,
        body: (async function* () {
          for (;;) {
            made++;
            yield new Uint8Array(16 * KIB);
          }
        })(),
      }),
    });
    const response = await client.fetch(post("/endless"));
    expect(await quiet(() => made)).toBe(16);
    const iterator = response.body[Symbol.asyncIterator]();
    for (let taken = 0; taken < 8; taken++) await iterator.next();
    expect(await quiet(() => made)).toBe(24);
    await iterator.return?.();
  });

  test("a request nobody reads is taken no further than there is room", async () => {
    let made = 0;
    let read: () => void = () => {};
    const reading = new Promise<void>((resolve) => (read = resolve));
    const { client } = bridgeTo({
      "/later": async ({ body }) => {
        await reading;
        return { status: 200, body: chunks(bytes(String((await collect(body as never)).length))) };
      },
    });
    const endless = (async function* () {
      while (made < 100) {
        made++;
        yield new Uint8Array(16 * KIB);
      }
    })();
    const response = client.fetch(post("/later", endless));
    expect(await quiet(() => made)).toBe(16);
    read();
    expect(text(await collect((await response).body))).toBe("100");
  });

  test("one slow stream holds no other up", async () => {
    const { client } = bridgeTo({
      "/endless": async () => ({
        status: 200,
        body: (async function* () {
          for (;;) yield new Uint8Array(64 * KIB);
        })(),
      }),
      "/quick": async () => ({ status: 200, body: chunks(bytes("here")) }),
    });
    const slow = await client.fetch(post("/endless"));
    expect(text(await collect((await client.fetch(post("/quick"))).body))).toBe("here");
    await slow.body[Symbol.asyncIterator]().return?.();
  });
});

describe("an end that comes early", () => {
  test("cancel by signal: the reader gets Canceled, the handler's signal is aborted, its body returns", async () => {
    let returned = false;
    let signal: AbortSignal | undefined;
    const { client, server } = bridgeTo({
      "/ticks": async (request) => {
        signal = request.signal;
        return { status: 200, body: ticks(request.signal) };
      },
    });
    async function* ticks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
      try {
        yield bytes("tick");
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      } finally {
        returned = true;
      }
    }
    const abort = new AbortController();
    const { body } = await client.fetch(post("/ticks", undefined, abort.signal));
    const iterator = body[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    abort.abort();
    await expect(next).rejects.toMatchObject({ code: Code.Canceled });
    await expect.poll(() => [signal?.aborted, returned, server.open]).toEqual([true, true, 0]);
  });

  test("a signal that is aborted before sends nothing", async () => {
    const { client, server } = bridgeTo({ "/x": async () => ({ status: 200 }) });
    await expect(client.fetch(post("/x", undefined, AbortSignal.abort()))).rejects.toMatchObject({
      code: Code.Canceled,
    });
    expect(await quiet(() => server.open)).toBe(0);
  });

  test("a reader that stops cancels the request", async () => {
    let aborted = false;
    const { client } = bridgeTo({
      "/endless": async ({ signal }) => {
        signal.addEventListener("abort", () => (aborted = true));
        return {
          status: 200,
          body: (async function* () {
            for (;;) yield new Uint8Array(KIB);
          })(),
        };
      },
    });
    const { body } = await client.fetch(post("/endless"));
    for await (const _ of body) break;
    await expect.poll(() => aborted).toBe(true);
  });

  test("a response that ends before its request stops the request's source", async () => {
    let returned = false;
    const { client } = bridgeTo({ "/no": async () => ({ status: 403 }) });
    const source = (async function* () {
      try {
        for (;;) yield new Uint8Array(KIB);
      } finally {
        returned = true;
      }
    })();
    expect((await client.fetch(post("/no", source))).status).toBe(403);
    await expect.poll(() => returned).toBe(true);
  });

  test("a request body that fails fails the request with its error", async () => {
    const { client, server } = bridgeTo({ "/read": async ({ body }) => ({ status: 200, body: body as never }) });
    const source = (async function* () {
      yield bytes("a");
      throw new ConnectError("on purpose", Code.Aborted);
    })();
    const call = client.fetch(post("/read", source)).then(({ body }) => collect(body));
    await expect(call).rejects.toMatchObject({ code: Code.Aborted });
    await expect.poll(() => server.open).toBe(0);
  });

  test("closing ends what is under way, and what comes, with the error given", async () => {
    const { client } = bridgeTo({ "/never": () => new Promise(() => {}) });
    const gone = new ConnectError("gone", Code.Unavailable);
    const streaming = client.fetch(post("/never"));
    const whole = client.call({ url: "http://store/never", header: [], body: bytes("") }, undefined);
    client.close(gone);
    await expect(streaming).rejects.toBe(gone);
    await expect(whole).rejects.toBe(gone);
    await expect(client.fetch(post("/never"))).rejects.toBe(gone);
  });

  test("a server that leaves answers the whole calls under way; those it did not begin are told apart", async () => {
    let answer: () => void = () => {};
    const { client, server } = bridgeTo({
      "/wait": {
        handler: () => Promise.reject(new Error("not this one")),
        whole: () => ({
          response: new Promise((resolve) => {
            answer = () => resolve({ status: 200, header: [], body: bytes("done") });
          }),
          abort: () => {},
        }),
      },
    });
    const request = { url: "http://store/wait", header: [], body: bytes("") };
    const first = client.call(request, undefined);
    await expect.poll(() => server.open).toBe(1);
    const left = server.leave(10_000);
    const second = client.call(request, undefined);
    const refused = expect(second).rejects.toSatisfy(isNotAccepted);
    answer();
    await left;
    expect(text([(await first).body])).toBe("done");
    await refused;
    await expect(client.call(request, undefined)).rejects.toSatisfy(isNotAccepted);
  });

  test("a server that leaves without an answer in time does not say that the call was not begun", async () => {
    const { client, server } = bridgeTo({
      "/never": {
        handler: () => Promise.reject(new Error("not this one")),
        whole: () => ({ response: new Promise(() => {}), abort: () => {} }),
      },
    });
    const call = client.call({ url: "http://store/never", header: [], body: bytes("") }, undefined);
    await expect.poll(() => server.open).toBe(1);
    await server.leave(1);
    const gone = new ConnectError("gone", Code.Unavailable);
    // Only behind the farewell, which has come when what is called now is refused.
    await expect
      .poll(() =>
        client
          .call({ url: "http://store/never", header: [], body: bytes("") }, AbortSignal.timeout(5))
          .then(String, isNotAccepted),
      )
      .toBe(true);
    client.close(gone);
    await expect(call).rejects.toBe(gone);
  });
});

test("whatever is sent, on however many streams at once, comes whole and in order", async () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 60 * KIB, max: 300 * KIB }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(size, { maxLength: 8 }), { minLength: 1, maxLength: 6 }), async (streams) => {
      const { client } = bridgeTo({ "/echo": async ({ body }) => ({ status: 200, body: body as never }) });
      const echoed = await Promise.all(
        streams.map(async (sizes, stream) => {
          const sent = sizes.map((length, at) => new Uint8Array(length).fill(stream * 16 + at));
          const response = await client.fetch(post("/echo", chunks(...sent.map((chunk) => chunk.slice()))));
          return [Buffer.concat(sent), Buffer.concat(await collect(response.body))] as const;
        }),
      );
      for (const [sent, received] of echoed) expect(received.equals(sent)).toBe(true);
    }),
    { numRuns: 40 },
  );
});
