/** examples/workerd as it would be deployed: its configuration, its bundle, and what that weighs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Miniflare } from "miniflare";
import { expect, onTestFinished, test } from "vitest";
import { bundle } from "../../support/bundle.ts";
import { call, storeUrl } from "./support/runtime.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "..", "examples", "workerd");
const MAX_GZIP_BYTES = 150_000;

interface Configuration {
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags: string[];
  readonly durable_objects: {
    readonly bindings: ReadonlyArray<{ readonly name: string; readonly class_name: string }>;
  };
  readonly migrations: ReadonlyArray<{ readonly new_sqlite_classes: readonly string[] }>;
}

/** Comments begin a line there. */
function configuration(): Configuration {
  const text = readFileSync(join(EXAMPLE, "wrangler.jsonc"), "utf8");
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, "")) as Configuration;
}

test("the example runs as it is configured", async () => {
  const { main, compatibility_date, compatibility_flags, durable_objects, migrations } = configuration();
  const kept = migrations.flatMap(({ new_sqlite_classes }) => new_sqlite_classes);
  const miniflare = new Miniflare({
    modules: true,
    script: await bundle(join(EXAMPLE, main)),
    compatibilityDate: compatibility_date,
    compatibilityFlags: compatibility_flags,
    durableObjects: Object.fromEntries(
      durable_objects.bindings.map(({ name, class_name }) => {
        return [name, { className: class_name, useSQLite: kept.includes(class_name) }];
      }),
    ),
    host: "127.0.0.1",
    port: 0,
  });
  onTestFinished(() => miniflare.dispose());
  const url = (await miniflare.ready).origin;
  await call(storeUrl({ url }, "a"), "kv/put", { key: btoa("k"), value: btoa("v") });
  expect(await call(storeUrl({ url }, "a"), "kv/range", { key: btoa("k") })).toMatchObject({ count: "1" });
  expect(await call(storeUrl({ url }, "b"), "kv/range", { key: btoa("k") })).not.toHaveProperty("count");
});

test(`the Worker is no larger than ${MAX_GZIP_BYTES / 1000} kB, compressed`, async () => {
  const code = await bundle(join(EXAMPLE, configuration().main));
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(MAX_GZIP_BYTES);
  expect(code).not.toMatch(/from\s*["']node:/);
});
