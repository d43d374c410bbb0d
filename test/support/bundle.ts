/** An ES module and all that it imports as one file, as it is deployed. */
import { join } from "node:path";
import { build } from "vite";

const WORKERD = join(import.meta.dirname, "..", "..", "src", "platform", "workerd", "index.ts");

export async function bundle(entry: string): Promise<string> {
  const output = await build({
    configFile: false,
    resolve: { alias: { "etcdlite/workerd": WORKERD } },
    logLevel: "error",
    build: {
      write: false,
      minify: true,
      target: "esnext",
      lib: { entry, formats: ["es"] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [
    {
      output: [chunk],
    } = { output: [] },
  ] = Array.isArray(output) ? output : [];
  if (chunk?.type !== "chunk") throw new Error(`${entry} gave no bundle`);
  return chunk.code;
}
