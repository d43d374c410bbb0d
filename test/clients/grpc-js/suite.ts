/** @grpc/grpc-js, a gRPC implementation in JavaScript that shares nothing with the server's. */
import type { Suite } from "../harness/suite.ts";
import { callCases } from "./calls.ts";
import type { Case } from "./case.ts";
import { GrpcClient } from "./client.ts";
import { streamCases } from "./streams.ts";

export const suite: Suite = {
  name: "grpc-js",
  run: async ({ url, prefix, cases }) => {
    const all: readonly Case[] = [...callCases, ...streamCases];
    for (const [number, { name, body }] of all.entries()) {
      await cases.test(name, async () => {
        const client = new GrpcClient(url);
        try {
          await body(client, `${prefix}grpc-js/${number}/`, url);
        } finally {
          client.close();
        }
      });
    }
  },
};
