/** The server that is attacked, and what can be seen of it from outside while it is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EtcdliteProcess, startEtcdlite } from "../support/etcdlite.ts";
import type { TurnsSeen } from "./probe.ts";

const PROBE = join(import.meta.dirname, "probe.ts");
/** It answers when its loop is free. */
const PROBE_TIMEOUT_MS = 10_000;
const NS_PER_MS = 1e6;

/** Of the server's event loop, in CPU time. */
export interface Turns {
  readonly longestMs: number;
  /** Of 100 who come at any time 99 wait no longer for the loop. */
  readonly p99Ms: number;
}

export interface Pace {
  readonly turns: Turns;
  /** Of the time in which its main thread could have run, the part in which it did: the rest went to other processes. */
  readonly cpuShare: number;
}

export class Victim {
  readonly url: string;
  readonly #server: EtcdliteProcess;
  #asked = 0;
  #last = { ranMs: 0, waitedMs: 0 };

  private constructor(server: EtcdliteProcess) {
    this.url = server.url;
    this.#server = server;
  }

  /** @param profileDir where it leaves a CPU profile as it stops */
  static async start(flags: readonly string[], profileDir?: string): Promise<Victim> {
    const profile = profileDir === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profileDir];
    return new Victim(await startEtcdlite(["--log-level=error", ...flags], ["--import", PROBE, ...profile]));
  }

  peakMemoryMb(): number {
    return Number(/VmHWM:\s+(\d+) kB/.exec(this.#read("status"))?.[1]) / 1024;
  }

  /** Since the last time. */
  async pace(): Promise<Pace> {
    const [ranMs, waitedMs] = this.#read("schedstat")
      .split(" ")
      .map((ns) => Number(ns) / NS_PER_MS) as [number, number];
    const [ran, waited] = [ranMs - this.#last.ranMs, waitedMs - this.#last.waitedMs];
    this.#last = { ranMs, waitedMs };
    return { turns: await this.#turns(), cpuShare: ran / (ran + waited) };
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #turns(): Promise<Turns> {
    this.#asked++;
    process.kill(this.#server.pid, "SIGIO");
    const endMs = performance.now() + PROBE_TIMEOUT_MS;
    for (;;) {
      const answers = [...this.#server.output().matchAll(/^turns (.*)\n/gm)];
      const answer = answers[this.#asked - 1]?.[1];
      if (answer !== undefined) return turnsOf(JSON.parse(answer));
      if (performance.now() > endMs) throw new Error("the server does not answer its probe");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #read(file: string): string {
    return readFileSync(`/proc/${this.#server.pid}/${file}`, "utf8");
  }
}

/** Who comes within a turn waits for any part of it with the same chance. */
function turnsOf({ longestMs, periodMs, spentMs }: TurnsSeen): Turns {
  for (let p99Ms = 0; ; p99Ms += 0.5) {
    let longerMs = 0;
    for (const [index, spent] of spentMs.entries()) {
      const turnMs = index + 0.5;
      if (turnMs > p99Ms) longerMs += spent * (1 - p99Ms / turnMs);
    }
    if (longerMs <= periodMs / 100) return { longestMs, p99Ms };
  }
}
