/** Finds the client programs that are not ours: etcdctl of two versions, etcdutl, Go, Java, Rust, Python's modules, curl. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findEtcdctl, findEtcdutl } from "../../support/etcd.ts";

export type Etcdctl = { readonly version: "3.7" | "3.4"; readonly binary: string };

const BUILD = "or install Go 1.26 or later and run: node test/support/etcd.ts";
export const MISSING_ETCDCTL37 = `no etcdctl 3.7: set ETCDCTL_BIN, ${BUILD}`;
export const MISSING_ETCDUTL37 = `no etcdutl 3.7: set ETCDUTL_BIN, ${BUILD}`;
export const MISSING_ETCDCTL34 = "no etcdctl 3.4: set ETCDCTL34_BIN, or on Debian: apt-get install etcd-client";
export const MISSING_GO = "no Go 1.26 or later on PATH: see https://go.dev/dl";
export const MISSING_MAVEN = "no Maven with a JDK 17 or later on PATH: on Debian: apt-get install maven default-jdk";
export const MISSING_CARGO =
  "no Rust 1.85 or later on PATH: see https://rustup.rs, or on Debian: apt-get install cargo-web";
export const MISSING_PROTOC = "no protoc on PATH: on Debian: apt-get install protobuf-compiler libprotobuf-dev";
export const MISSING_NGHTTP = "no nghttp on PATH: on Debian: apt-get install nghttp2-client";
export const MISSING_CURL = "no curl on PATH: on Debian: apt-get install curl";

/** Each is looked for once: it means running programs, and this process has streams to serve meanwhile. */
export const findEtcdctl37 = once((): Etcdctl | undefined => {
  const binary = findEtcdctl();
  return binary === undefined ? undefined : { version: "3.7", binary };
});

export const findEtcdctl34 = once((): Etcdctl | undefined => {
  const binary = onPathOr("ETCDCTL34_BIN", "etcdctl", (path) => {
    return /^etcdctl version: 3\.4\./.test(output(path, ["version"]));
  });
  return binary === undefined ? undefined : { version: "3.4", binary };
});

export const findEtcdutl37 = once(findEtcdutl);

export const findGo = once(() => {
  return onPathOr("GO_BIN", "go", (path) => {
    const [, major, minor] = /go(\d+)\.(\d+)/.exec(output(path, ["version"])) ?? [];
    return Number(major) > 1 || Number(minor) >= 26;
  });
});

export const findMaven = once(() => {
  return onPathOr("MAVEN_BIN", "mvn", (path) => {
    return Number(/^Java version: (\d+)/m.exec(output(path, ["-version"]))?.[1]) >= 17;
  });
});

export const findCargo = once(() => {
  return onPathOr("CARGO_BIN", "cargo", (path) => {
    const [, major, minor] = /^cargo (\d+)\.(\d+)/.exec(output(path, ["--version"])) ?? [];
    return Number(major) > 1 || Number(minor) >= 85;
  });
});

export const findProtoc = once(() => onPathOr("PROTOC", "protoc", () => true));

export const findNghttp = once(() => onPathOr("NGHTTP_BIN", "nghttp", () => true));

export const findCurl = once(() => onPathOr("CURL_BIN", "curl", () => true));

/** The Debian package that brings a module, and so a python3 that imports it. */
const PYTHON_PACKAGES = {
  etcd3: "python3-etcd3",
  etcd3gw: "python3-etcd3gw",
  "patroni.dcs.etcd3": "patroni",
} as const;
export type PythonModule = keyof typeof PYTHON_PACKAGES;
const pythons = new Map<PythonModule, string | undefined>();

export function findPython(module: PythonModule): string | undefined {
  if (!pythons.has(module)) {
    const imports = (path: string): boolean =>
      output(path, ["-c", `import ${module}; print('found')`]).trim() === "found";
    pythons.set(module, onPathOr("PYTHON_BIN", "python3", imports));
  }
  return pythons.get(module);
}

export function missingPython(module: PythonModule): string {
  return `no python3 that imports ${module}: on Debian: apt-get install ${PYTHON_PACKAGES[module]}, or set PYTHON_BIN`;
}

/** Remembers the first answer. */
function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}

/** The program a variable names, or the first of that name on PATH (or where Debian puts it) that suits. */
function onPathOr(variable: string, name: string, suits: (path: string) => boolean): string | undefined {
  const named = process.env[variable];
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`${variable}=${named} does not exist`);
    return named;
  }
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"];
  const paths = folders.filter((folder) => folder !== "").map((folder) => join(folder, name));
  return paths.find((path) => existsSync(path) && suits(path));
}

function output(path: string, args: string[]): string {
  return spawnSync(path, args, { encoding: "utf8" }).stdout ?? "";
}
