/** From the start of the process to its first answer, of an empty server, beside etcd's. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, findEtcd, freePorts } from "../../test/support/etcd.ts";
import { print } from "./print.ts";

const ROUNDS = 7;
const ROOT = join(import.meta.dirname, "..", "..");

export async function start(): Promise<void> {
  const etcd = findEtcd();
  const main = join(ROOT, "dist", "src", "platform", "node", "main.js");
  const times = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    const contestants: Record<string, string[] | undefined> = {
      etcdlite: [process.execPath, main],
      etcdlite_disk: [process.execPath, main, "--data-dir"],
      etcd: etcd === undefined ? undefined : [etcd, "--data-dir"],
    };
    for (const [name, command] of Object.entries(contestants)) {
      if (command === undefined) continue;
      const list = times.get(name) ?? [];
      list.push(await firstAnswer(command));
      times.set(name, list);
    }
  }
  for (const [name, list] of times) {
    list.sort((a, b) => a - b);
    print(`start_${name}_ms`, list[list.length >> 1] as number);
  }
}

/** In milliseconds, to the first bytes that come back of a request for its health. */
async function firstAnswer(command: string[]): Promise<number> {
  const [port = 0, peerPort] = await freePorts(2);
  const directory = mkdtempSync(join(tmpdir(), "etcdlite-bench-start-"));
  const [binary = "", ...args] = command;
  if (args.at(-1) === "--data-dir") args.push(directory);
  const peer = `http://127.0.0.1:${peerPort}`;
  const urls = [
    ...["--listen-client-urls", `http://127.0.0.1:${port}`, "--advertise-client-urls", `http://127.0.0.1:${port}`],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`],
  ];
  const startMs = performance.now();
  const child = spawn(binary, [...args, ...urls], { stdio: "ignore" });
  try {
    while (!(await isHealthy(port))) {
      if (child.exitCode !== null) throw new Error(`${command.join(" ")} exited with code ${child.exitCode}`);
    }
    return performance.now() - startMs;
  } finally {
    await endProcess(child);
    rmSync(directory, { recursive: true });
  }
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1", () => socket.write("GET /health HTTP/1.0\r\n\r\n"));
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString().includes('"health":"true"'));
    });
    socket.once("error", () => setTimeout(() => resolve(false), 2));
  });
}
