/**
 * Makes one file of the command and of what it needs to answer, and one of the data dir's thread: a start then reads two
 * files where it would read hundreds. What is loaded late, if ever, is in files of its own or left where it is, and so is
 * all that the package hands out to be imported.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";
import { decodedDescriptors } from "./bundle-descriptors.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = join(root, "src");
const NODE = join(SOURCES, "platform", "node");
/** The thread of passwords is left alone: no start waits for it. */
const ENTRIES = [join(NODE, "main.ts"), join(NODE, "journal", "worker.ts")];
/** Imported when somebody asks for what it does, and loaded from the package's dependencies then. */
const LATE = ["@peculiar/x509", "jose", "prom-client", "reflect-metadata", "yaml"];
/** What all starts load; it and what it imports. */
const RUN = /\/cli\/run\.ts$/;
/** What the command wants before that. */
const FIRST = /\/journal\/start-thread\.ts$/;
/** As the bundler writes them: with what is bound, if anything is. */
const IMPORTS = /^import (?:([^"';]+) from )?"([\w:/]+)";$/gm;

/** @param directory where the compiled sources are, as `src` has them; the files of the entries are replaced */
export async function bundleCommand(directory: string): Promise<void> {
  const packages = new Set<string>();
  for (const entry of ENTRIES) await bundle(entry, directory, packages);
  writeFileSync(join(directory, relative(SOURCES, NODE), "main.licenses.txt"), licensesOf(packages));
}

async function bundle(entry: string, directory: string, packages: Set<string>): Promise<void> {
  const name = `${basename(entry, ".ts")}.js`;
  const outDir = dirname(join(directory, relative(SOURCES, entry)));
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    publicDir: false,
    plugins: [placesOf(directory, outDir), packagesOf(packages), builtinsOf(), decodedDescriptors()],
    ssr: { noExternal: true, external: LATE },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: false,
      target: "node22",
      minify: false,
      rolldownOptions: {
        output: {
          entryFileNames: name,
          chunkFileNames: "bundle-[name].js",
          // What is loaded late may share modules with the rest: they stay with that, each file more takes its time.
          codeSplitting: {
            groups: [
              { name: "first", test: FIRST, priority: 1 },
              { name: "run", test: RUN, includeDependenciesRecursively: true },
            ],
          },
        },
      },
    },
  });
  rmSync(join(outDir, `${name}.map`), { force: true });
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

/**
 * Node's own modules are asked for and not imported: an import reads each of a module's exports, and there are some
 * (of node:http and node:fs) that load more than the rest of a start when they are read.
 */
function builtinsOf(): Plugin {
  return { name: "builtins", renderChunk: (code) => code.replace(IMPORTS, asked) };
}

function asked(statement: string, bindings: string | undefined, module: string): string {
  if (!isBuiltin(module)) return statement;
  if (bindings === undefined) return "";
  const [, main, all, named] = /^(?:([\w$]+),?\s*)?(?:\* as ([\w$]+)|(\{.*\}))?$/s.exec(bindings) ?? [];
  return [main, all, named?.replaceAll(" as ", ": ")]
    .filter((binding) => binding !== undefined)
    .map((binding) => `const ${binding} = process.getBuiltinModule("node:${module.replace("node:", "")}");`)
    .join(" ");
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
  return `main.js and the files beside it hold parts of these packages.\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
