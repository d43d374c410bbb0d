/** Before `npm start`: builds the page where it is missing or older than its sources; a second or two, then nothing. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const vite = fileURLToPath(new URL("../node_modules/vite", import.meta.url));

// Without the development dependencies there is nothing to build with, and the server says what is missing.
if (existsSync(vite)) {
  const { buildWeb, webIsFresh } = await import("./web.ts");
  if (!webIsFresh()) {
    process.stderr.write("building the web page…\n");
    await buildWeb();
  }
}
