/**
 * Connect's clients, connect-web and connect-node: every transport, both HTTP versions, binary and JSON; and
 * what only raw requests show: CORS, Connect's JSON as curl sends it.
 *
 * A real etcd speaks none of this but gRPC; to prove the cases against it a gateway stands before it.
 */
import { startWithAuth } from "../harness/auth.ts";
import type { Suite, SuiteContext } from "../harness/suite.ts";
import { authCases } from "./auth.ts";
import { callCases } from "./calls.ts";
import { startGateway } from "./gateway.ts";
import { corsCases, jsonCases } from "./raw.ts";
import { streamCases } from "./streams.ts";
import type { TransportCase } from "./transports.ts";
import { transports } from "./transports.ts";

export const suite: Suite = {
  name: "connect-web",
  run: async (context) => {
    if (context.subject !== "etcd") {
      await runTransports(context, () => context.url);
      await context.cases.group("a server with authentication", () => withAuth(context));
      await runRaw(context);
      return;
    }
    const gateway = await startGateway(context.url);
    await runTransports(context, ({ httpVersion }) => gateway.urls[httpVersion]);
    await gateway.stop();
    await context.cases.group("a server with authentication", () => withAuth(context));
    context.cases.notApplicable("raw requests", "a gateway stands in for a real etcd here, and it has no CORS");
  },
};

async function runTransports(context: SuiteContext, urlFor: (transport: TransportCase) => string): Promise<void> {
  for (const [number, transport] of transports.entries()) {
    const url = urlFor(transport);
    for (const { name, appliesTo, body } of [...callCases, ...streamCases]) {
      if (appliesTo !== undefined && !appliesTo(transport, context.subject)) continue;
      const prefix = `${context.prefix}connect/${number}/${name}/`;
      await context.cases.test(`${transport.name}: ${name}`, () => body(transport.open(url), prefix, transport));
    }
  }
}

/** The prefix is what the user may read and write. */
async function withAuth(context: SuiteContext): Promise<void> {
  const prefix = `${context.prefix}connect/auth/`;
  const server = await startWithAuth(context, prefix);
  const gateway = context.subject === "etcd" ? await startGateway(server.url) : undefined;
  for (const transport of transports) {
    const url = gateway?.urls[transport.httpVersion] ?? server.url;
    for (const { name, body } of authCases) {
      await context.cases.test(`${transport.name}: ${name}`, () => body(transport, url, prefix));
    }
  }
  await gateway?.stop();
  await server.stop();
}

async function runRaw(context: SuiteContext): Promise<void> {
  for (const { name, body } of jsonCases) await context.cases.test(name, () => body(context.url));
  for (const { name, flags, body } of corsCases) {
    await context.cases.test(name, async () => {
      if (flags === undefined) return await body(context.url);
      const server = await context.startServer(flags);
      try {
        await body(server.url);
      } finally {
        await server.stop();
      }
    });
  }
}
