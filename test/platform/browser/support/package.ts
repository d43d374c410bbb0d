/** The package as it is published: compiled, in a folder from which it finds its dependencies. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const CACHE = join(ROOT, ".cache");

export interface CompiledPackage {
  /** Has Vite take it for `etcdlite/…`, as if it were installed. */
  readonly plugin: Plugin;
  /** The compiled command. */
  readonly main: string;
  remove(): void;
}

export function compilePackage(): CompiledPackage {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "package-"));
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  const args = [join(typescript, "bin", "tsc"), "-p", "tsconfig.build.json", "--outDir", folder];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`the package does not compile:\n${stdout}`);
  const src = join(folder, "src");
  return {
    plugin: {
      name: "installed-etcdlite",
      enforce: "pre",
      resolveId(id) {
        if (id === "etcdlite/browser") return join(src, "platform", "browser", "index.js");
        const generated = /^etcdlite\/gen\/(.*)$/.exec(id)?.[1];
        return generated === undefined ? undefined : join(src, "gen", `${generated}_pb.js`);
      },
    },
    main: join(src, "platform", "node", "main.js"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
