/**
 * A disk that is as bad as disks are, and a journal on it that keeps to src/journal all the same.
 *
 * A write is a number of pages, a row each. It goes through two stages, each a `step` that whoever holds the disk
 * makes when it likes:
 *
 *     queued ──► written: in the cache, lost or not when the power goes ──► synced: there, and acknowledged
 *
 * When the power goes, of the pages that were not synced any may be there, whole or torn, in any order; when only
 * the process dies, all that was written is there and of the write in the making some pages. The journal marks a
 * page with its write's number, how many pages that has, and a checksum; what it finds when it is opened it takes
 * write by write, from the first on, while all pages of a write are there and whole, and forgets the rest.
 *
 * After a write or a sync has failed nothing more is taken, and what was written since the last sync may be there
 * or not.
 */

import type { Bucket, Change, Journal, Row } from "../../src/journal/index.ts";
import { BUCKETS } from "../../src/journal/index.ts";
import type { Random } from "../differential/random.ts";

export type Crash = "power" | "process";
export type Fault = "write" | "sync" | "full";

export interface DiskOptions {
  /** Flaws that a journal must not have, to see that they are found. */
  readonly flaw?: "takesPartsOfWrites" | "takesTornPages" | "acknowledgesFailedSync" | undefined;
}

const FAULT_TEXTS: Record<Fault, string> = {
  write: "EIO: i/o error, write",
  sync: "EIO: i/o error, fsync",
  full: "ENOSPC: no space left on device, write",
};

type Landed = "no" | "torn" | "whole";

interface PendingWrite {
  readonly changes: readonly Change[];
  written: boolean;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

export class SimulatedDisk {
  readonly #random: Random;
  readonly #flaw: DiskOptions["flaw"];
  readonly #rows = new Map<Bucket, Map<string, Row>>(BUCKETS.map((bucket) => [bucket, new Map()]));
  #pending: PendingWrite[] = [];
  #fault: Fault | undefined;
  #broken: Error | undefined;
  #journal: SimulatedJournal | undefined;
  /** How often each kind of trouble came, for those who want to know whether it came at all. */
  readonly counts = { torn: 0, lost: 0, faults: 0 };

  constructor(random: Random, options: DiskOptions = {}) {
    this.#random = random;
    this.#flaw = options.flaw;
  }

  /** Whether a step has something to do. */
  get isBusy(): boolean {
    return this.#pending.length > 0;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  open(): SimulatedJournal {
    if (this.#journal !== undefined) throw new Error("the disk has an open journal");
    // What a failed sync left in the cache is there or is not.
    this.#recover(this.#landed("power"));
    this.#broken = undefined;
    this.#fault = undefined;
    this.#journal = new SimulatedJournal(this);
    return this.#journal;
  }

  /** The journal's end without its doing: what it waits for never comes. */
  crash(kind: Crash): void {
    this.#journal?.die();
    this.#journal = undefined;
    if (this.#broken === undefined) this.#recover(this.#landed(kind));
  }

  /** The next write or sync fails, whichever the fault is of; undefined: none does. */
  fail(fault: Fault | undefined): void {
    this.#fault = fault;
  }

  /** Writes the next write that is not, or syncs all that are; false where there is nothing to do. */
  step(): boolean {
    if (this.#broken !== undefined) return false;
    const queued = this.#pending.find(({ written }) => !written);
    const anyWritten = this.#pending[0]?.written === true;
    if (queued === undefined && !anyWritten) return false;
    if (queued !== undefined && (!anyWritten || this.#random.chance(0.5))) this.#write(queued);
    else this.#sync();
    return true;
  }

  rowsOf(bucket: Bucket): Row[] {
    const rows = [...(this.#rows.get(bucket) ?? [])];
    return rows.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  /** For the journal. */
  queue(changes: readonly Change[]): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#pending.push({ changes, written: false, resolve, reject });
    });
  }

  /** For the journal: it is closed. */
  released(journal: SimulatedJournal): void {
    if (this.#journal === journal) this.#journal = undefined;
  }

  get random(): Random {
    return this.#random;
  }

  #write(write: PendingWrite): void {
    if (this.#fault === "write" || this.#fault === "full") this.#break(this.#fault);
    else write.written = true;
  }

  #sync(): void {
    const synced = this.#pending.filter(({ written }) => written);
    if (this.#fault === "sync" && this.#flaw === "acknowledgesFailedSync") {
      this.#fault = undefined;
      this.#pending = this.#pending.filter(({ written }) => !written);
      for (const { resolve } of synced) resolve();
      return;
    }
    if (this.#fault === "sync") {
      this.#break("sync");
      return;
    }
    this.#pending = this.#pending.filter(({ written }) => !written);
    for (const { changes, resolve } of synced) {
      this.#apply(changes);
      resolve();
    }
  }

  #break(fault: Fault): void {
    this.counts.faults++;
    this.#broken = new Error(FAULT_TEXTS[fault]);
    for (const { reject } of this.#pending) reject(this.#broken);
  }

  /** Of each page that was not synced, whether it is there. */
  #landed(kind: Crash): Landed[][] {
    const likelihood = this.#random.pick([0, 0.5, 0.9, 1]);
    let isInTheMaking = true;
    return this.#pending.map(({ changes, written }) => {
      const isSafe = written && kind === "process";
      const canLand = written || isInTheMaking;
      if (!written) isInTheMaking = false;
      return changes.map(() => {
        if (isSafe) return "whole";
        if (!canLand || !this.#random.chance(likelihood)) return "no";
        return this.#random.chance(0.1) ? "torn" : "whole";
      });
    });
  }

  /** What the journal makes of the pages that are there. */
  #recover(landed: readonly Landed[][]): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const [at, { changes }] of pending.entries()) {
      const pages = landed[at] ?? [];
      const isWhole = pages.every((page) => page === "whole");
      if (!isWhole && pages.some((page) => page !== "no")) this.counts.torn++;
      if (isWhole) {
        this.#apply(changes);
        continue;
      }
      this.counts.lost++;
      if (this.#flaw === "takesPartsOfWrites") this.#apply(changes.filter((_, page) => pages[page] === "whole"));
      else if (this.#flaw === "takesTornPages" && !pages.includes("no")) {
        this.#apply(changes.map((change, page) => (pages[page] === "torn" ? torn(change) : change)));
      } else return;
    }
  }

  #apply(changes: readonly Change[]): void {
    for (const { bucket, key, value } of changes) {
      const rows = this.#rows.get(bucket);
      if (value === undefined) rows?.delete(orderOf(key));
      else rows?.set(orderOf(key), { key, value });
    }
  }
}

export class SimulatedJournal implements Journal {
  readonly kind = "simulated";
  readonly #disk: SimulatedDisk;
  readonly #unsettled = new Set<Promise<void>>();
  #state: "open" | "closed" | "dead" = "open";

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  async *rows(bucket: Bucket): AsyncGenerator<readonly Row[]> {
    this.#check();
    const rows = this.#disk.rowsOf(bucket);
    for (let at = 0; at < rows.length; ) {
      const count = this.#disk.random.integer(1, 200);
      yield rows.slice(at, at + count);
      at += count;
      this.#check();
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#check();
    const write = this.#disk.queue(changes);
    this.#unsettled.add(write);
    try {
      await write;
    } finally {
      this.#unsettled.delete(write);
    }
  }

  async close(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "closed";
    await Promise.allSettled(this.#unsettled);
    this.#disk.released(this);
  }

  /** For the disk: a crash. */
  die(): void {
    this.#state = "dead";
  }

  #check(): void {
    if (this.#state !== "open") throw new Error("the journal is closed");
  }
}

/** What is left of a page of which only the beginning was written. */
function torn({ bucket, key, value }: Change): Change {
  return { bucket, key, value: value?.slice(0, value.length >> 1) };
}

/** A string that sorts as the bytes do. */
function orderOf(key: Uint8Array): string {
  return String.fromCharCode(...key);
}
