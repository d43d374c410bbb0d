/** `<etcd-playground>` as one file, dist/web/playground.js: script, styles and the store's worker in it. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { constructedStyleSheets } from "./build/style-sheets.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root,
  plugins: [oneFile(), constructedStyleSheets(), react()],
  publicDir: false,
  define: { "process.env.NODE_ENV": '"production"' },
  worker: { format: "es" },
  build: {
    outDir: join(root, "../dist/web"),
    // The page is built into the same folder, before.
    emptyOutDir: false,
    target: "es2022",
    cssTarget: ["chrome123", "safari17.5", "firefox120"],
    minify: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
    lib: { entry: join(root, "src/playground/index.ts"), formats: ["es"], fileName: () => "playground.js" },
    rolldownOptions: { treeshake: { moduleSideEffects: (id) => !/\/web\/src\/.+\.tsx$|\/lucide-react\//.test(id) } },
  },
});

/**
 * Nothing beside the one file: styles are imported as text where they are wanted, and the worker that the store
 * makes by default, from a file beside it, gives way to the one that the element brings along.
 */
function oneFile(): Plugin {
  const FILE_WORKER = /new Worker\(new URL\("\.\/worker\.js", import\.meta\.url\)[^)]*\)/;
  return {
    name: "etcdlite-one-file",
    enforce: "pre",
    transform(code, id) {
      if (/\.css$/.test(id)) return "";
      if (!id.endsWith("/src/platform/browser/store.ts")) return undefined;
      if (!FILE_WORKER.test(code)) throw new Error(`${id} makes its worker in a way that is not known here`);
      return code.replace(FILE_WORKER, '((): Worker => { throw new Error("no worker was given"); })()');
    },
  };
}
