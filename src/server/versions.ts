import { etcdError } from "../errors.ts";
import { JournalError } from "../journal/index.ts";
import type { Clock } from "./clock.ts";
import type { RecordChange } from "./effects.ts";
import type { ClusterHost } from "./members.ts";
import type { RecordRow } from "./state.ts";

/** How often etcd looks whether the cluster's version is to change. */
const DECISION_INTERVAL_MS = 4000;

/** The minor version of the etcd whose contract is kept; the major one is 3. */
const SERVER_MINOR = 7;

const CLUSTER_VERSION_KEY = new TextEncoder().encode("clusterVersion");
const DOWNGRADE_KEY = new TextEncoder().encode("downgrade");

/** Semantic versions as etcd's library reads them; no prefix, but zeros in front are fine. */
const VERSION =
  /^(\d+)\.(\d+)\.(\d+)(?:-(?:[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?)?(?:\+(?:[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?)?$/;
const MAX_NUMBER = 2n ** 63n - 1n;

export interface VersionsOptions {
  readonly clock: Clock;
  readonly host: ClusterHost;
  /** Whether all members' versions are known: the cluster's does not change before. */
  readonly allStarted: () => boolean;
}

/**
 * The cluster's version, which is the storage's too, and how a downgrade moves it:
 *
 *     3.7 ── enable 3.6 ──► 3.7, target 3.6 ── up to 4 s ──► 3.6, target 3.6
 *      ▲                                                             │ cancel
 *      └────────────────────────── up to 4 s ──────────────────── 3.6
 *
 * After it etcd is stopped, and one of the older version started in its place. Nothing else comes of it.
 */
export class Versions {
  readonly #options: VersionsOptions;
  #clusterMinor: number;
  /** What a downgrade is under way to. */
  #targetMinor: number | undefined;
  /** Whether there is a row of downgrades, be it that none is under way. */
  #wasDowngraded = false;
  #cancelTimer: (() => void) | undefined;

  /** @param records rows of any bucket @throws JournalError */
  constructor(options: VersionsOptions, records: readonly RecordRow[]) {
    this.#options = options;
    this.#clusterMinor = SERVER_MINOR;
    for (const { bucket, key, value } of records) {
      if (bucket === "cluster") this.#restore(new TextDecoder().decode(key), new TextDecoder().decode(value));
    }
    if (this.#clusterMinor > SERVER_MINOR) throw new JournalError(`kept by a later etcd, 3.${this.#clusterMinor}`);
    // The first decision is made as soon as there is a leader.
    const minor = this.#decide();
    if (minor !== undefined) this.#clusterMinor = minor;
    this.#schedule();
  }

  /** `3.7.0`. */
  get cluster(): string {
    return versionText(this.#clusterMinor);
  }

  /** `3.6.0`, while a downgrade is under way. */
  get downgradeTarget(): string | undefined {
    return this.#targetMinor === undefined ? undefined : versionText(this.#targetMinor);
  }

  /** The minor version. @throws EtcdError `wrongDowngradeVersionFormat`, `invalidDowngradeTargetVersion`, `downgradeInProgress` */
  validateDowngrade(text: string): number {
    const { major, minor } = parseVersion(text) ?? parseVersion(`${text}.0`) ?? wrongFormat();
    if (major !== 3n || minor !== BigInt(this.#clusterMinor - 1)) throw etcdError("invalidDowngradeTargetVersion");
    if (this.#targetMinor !== undefined) throw etcdError("downgradeInProgress");
    return Number(minor);
  }

  /** @throws EtcdError as `validateDowngrade`, `stopped` */
  enableDowngrade(text: string): void {
    const minor = this.validateDowngrade(text);
    this.#options.host.propose();
    this.#setTarget(minor);
  }

  /** Without effect where none is under way. @throws EtcdError `stopped` */
  cancelDowngrade(): void {
    if (this.#targetMinor === undefined) return;
    this.#options.host.propose();
    this.#setTarget(undefined);
  }

  /** The rows that keep the versions as they are. */
  rows(): RecordChange[] {
    const rows = [this.#clusterRow()];
    if (this.#wasDowngraded) rows.push(this.#downgradeRow());
    return rows;
  }

  close(): void {
    this.#cancelTimer?.();
  }

  #restore(key: string, value: string): void {
    if (key === "clusterVersion") {
      this.#clusterMinor = minorOf(value);
    } else if (key === "downgrade") {
      const target = /"target-version":"([^"]+)"/.exec(value)?.[1];
      this.#targetMinor = target === undefined ? undefined : minorOf(target);
      this.#wasDowngraded = true;
    }
  }

  #setTarget(minor: number | undefined): void {
    this.#targetMinor = minor;
    this.#wasDowngraded = true;
    this.#options.host.record(this.#downgradeRow());
    this.#schedule();
  }

  /** What the cluster's version is to be, where that is not what it is. */
  get #wanted(): number | undefined {
    const wanted = this.#targetMinor ?? SERVER_MINOR;
    const isNear = wanted >= SERVER_MINOR - 1;
    return isNear && wanted !== this.#clusterMinor ? wanted : undefined;
  }

  #decide(): number | undefined {
    return this.#options.allStarted() ? this.#wanted : undefined;
  }

  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#wanted === undefined) return;
    this.#cancelTimer = this.#options.clock.setTimer(DECISION_INTERVAL_MS, () => {
      const minor = this.#decide();
      if (minor !== undefined) {
        this.#options.host.propose();
        this.#clusterMinor = minor;
        this.#options.host.record(this.#clusterRow());
      }
      this.#schedule();
    });
  }

  #clusterRow(): RecordChange {
    return { bucket: "cluster", key: CLUSTER_VERSION_KEY, value: new TextEncoder().encode(this.cluster) };
  }

  #downgradeRow(): RecordChange {
    const target = this.downgradeTarget;
    const json = `{"target-version":"${target ?? ""}","enabled":${target !== undefined}}`;
    return { bucket: "cluster", key: DOWNGRADE_KEY, value: new TextEncoder().encode(json) };
  }
}

function versionText(minor: number): string {
  return `3.${minor}.0`;
}

function parseVersion(text: string): { readonly major: bigint; readonly minor: bigint } | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const numbers = match.slice(1, 4).map(BigInt);
  if (numbers.some((number) => number > MAX_NUMBER)) return undefined;
  const [major = 0n, minor = 0n] = numbers;
  return { major, minor };
}

/** @throws JournalError */
function minorOf(text: string): number {
  const version = parseVersion(text);
  if (version === undefined || version.major !== 3n) throw new JournalError(`${text} is no version of an etcd 3`);
  return Number(version.minor);
}

function wrongFormat(): never {
  throw etcdError("wrongDowngradeVersionFormat");
}
