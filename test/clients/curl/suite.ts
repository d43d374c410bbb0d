/** curl at the JSON gateway and at the plain HTTP paths: scripts and their transcripts; and a WebSocket beside it. */
import { join } from "node:path";
import type { Suite } from "../harness/suite.ts";
import { findCurl, MISSING_CURL } from "../harness/tools.ts";
import { runScript } from "../harness/transcripts.ts";
import { Curl } from "./curl.ts";
import { scripts } from "./scripts.ts";
import { watchByWebSocket } from "./websocket.ts";

const TRANSCRIPTS = join(import.meta.dirname, "transcripts");

export const suite: Suite = {
  name: "curl",
  run: async (context) => {
    const { cases, subject, url } = context;
    await cases.test("gateway: watch by WebSocket", () => watchByWebSocket(url));
    const binary = findCurl();
    if (binary === undefined) {
      cases.skip("the suite", MISSING_CURL);
      return;
    }
    if (subject === "endpoint") {
      cases.notApplicable("transcripts", "they compare revisions from a fresh server on; run without --endpoint");
      return;
    }
    for (const { name, run } of scripts) {
      await runScript(context, cases, {
        name,
        file: join(TRANSCRIPTS, `${name.replaceAll(/\W+/g, "-")}.txt`),
        transcribe: async (server, folder) => {
          const curl = await Curl.open(binary, server, folder);
          await run(curl);
          return curl.transcript;
        },
      });
    }
  },
};
