/** `--h2` and `createServer({ h2 })`: who speaks HTTP/2. */
import http2 from "node:http2";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../../../src/platform/node/index.ts";

async function settingsOf(url: string): Promise<http2.Settings> {
  const session = http2.connect(url);
  onTestFinished(() => session.destroy());
  return new Promise((resolve) => session.once("remoteSettings", resolve));
}

test("node:http2 by default, the engine if it is asked for; both announce the same", async () => {
  await using node = await createServer();
  await using engine = await createServer({ h2: "engine" });
  const [theirs, ours] = [await settingsOf(node.url), await settingsOf(engine.url)];
  expect(ours).toMatchObject({
    initialWindowSize: theirs.initialWindowSize,
    maxConcurrentStreams: theirs.maxConcurrentStreams,
    maxHeaderListSize: theirs.maxHeaderListSize,
    maxFrameSize: theirs.maxFrameSize,
  });
});
