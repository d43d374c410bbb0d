/** What is installed with etcdlite runs nothing while it is, and is what it was when it was chosen. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

const ROOT = join(import.meta.dirname, "..", "..", "..");
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), "utf8"));
const manifest = read("package.json") as Record<"dependencies" | "devDependencies", Record<string, string>>;
const { packages } = read("package-lock.json") as { packages: Record<string, Locked> };

test("packages that it runs on have no install scripts, and hashes", () => {
  const runtime = Object.entries(packages).filter(
    ([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional,
  );
  expect(runtime.length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
  for (const [path, { hasInstallScript = false, integrity = "" }] of runtime) {
    expect({ path, hasInstallScript, hash: integrity }).toEqual({
      ...{ path, hasInstallScript: false, hash: expect.stringMatching(/^sha512-/) },
    });
  }
});

test("every version is chosen, none is a range", () => {
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    expect({ name, version }).toEqual({ name, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  }
});
