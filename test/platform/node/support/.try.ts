import { createServer } from "../../../../src/platform/node/index.ts";

const s = await createServer({
  listenClientUrls: ["http://127.0.0.1:" + (process.argv[2] ?? 0)],
  log: { debug: console.log, info: console.log, warn: console.log, error: console.log },
});
console.log(s.urls);
process.on("SIGTERM", async () => {
  const t = performance.now();
  await s.close();
  console.log("closed", performance.now() - t);
});
