/**
 * Makes one file of the command and of what it needs to answer: a start then reads one file where it would read
 * hundreds. What is loaded late, if ever, is left where it is, and so is all that the package hands out to be imported.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = join(root, "src");
const ENTRY = join(SOURCES, "platform", "node", "main.ts");
/** Imported when somebody asks for what it does, and loaded from the package's dependencies then. */
const LATE = ["@peculiar/x509", "bcryptjs", "jose", "prom-client", "reflect-metadata", "yaml"];

/** @param directory where the compiled sources are, as `src` has them; the command's file is replaced */
export async function bundleCommand(directory: string): Promise<void> {
  const outDir = dirname(join(directory, relative(SOURCES, ENTRY)));
  const packages = new Set<string>();
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    publicDir: false,
    plugins: [placesOf(directory, outDir), packagesOf(packages)],
    ssr: { noExternal: true, external: LATE },
    build: {
      ssr: ENTRY,
      outDir,
      emptyOutDir: false,
      target: "node22",
      minify: false,
      rolldownOptions: { output: { entryFileNames: "main.js", chunkFileNames: "bundle-[name].js" } },
    },
  });
  rmSync(join(outDir, "main.js.map"), { force: true });
  writeFileSync(join(outDir, "main.licenses.txt"), licensesOf(packages));
}

/** A module in the bundle still finds what is beside it, its threads and files: it is told where it would be without. */
function placesOf(directory: string, outDir: string): Plugin {
  return {
    name: "places",
    transform(code, id) {
      if (!id.startsWith(SOURCES) || !code.includes("import.meta.url")) return undefined;
      const place = relative(outDir, join(directory, relative(SOURCES, id))).replace(/\.ts$/, ".js");
      return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(place)}, import.meta.url).href`);
    },
  };
}

/** Notes the folders of the packages that are in the bundle. */
function packagesOf(packages: Set<string>): Plugin {
  return {
    name: "packages",
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        for (const id of chunk.type === "chunk" ? chunk.moduleIds : []) {
          const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll("\\", "/"))?.[0];
          if (folder !== undefined) packages.add(folder);
        }
      }
    },
  };
}

/** What their authors ask to be handed on. */
function licensesOf(packages: ReadonlySet<string>): string {
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    const whole = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
    return [`${name} ${version} (${license})`, ...whole].join("\n\n");
  });
  return `main.js holds parts of these packages.\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
