import { AlarmType, type Etcd } from "../server/index.ts";
import { ETCD_VERSION } from "./version.ts";

/** What is asked by plain GET: is it well, and what is it (rule HT5). */
export interface ProbeReply {
  readonly status: 200 | 405 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One check of /livez or /readyz since the start; its metric has these names. */
export interface CheckCount {
  readonly type: "livez" | "readyz";
  readonly name: string;
  /** Undefined before the first time. */
  lastPassed: boolean | undefined;
  passed: number;
  failed: number;
}

/** Why a check fails; undefined where it does not. */
type Check = () => string | undefined;

const TEXT = { "content-type": "text/plain; charset=utf-8" };
const PLAIN_TEXT = { ...TEXT, "x-content-type-options": "nosniff" };

/** Answers /health, /livez, /readyz with their checks, and /version. */
export class Probes {
  readonly #etcd: Etcd;
  readonly #routes = new Map<string, (query: URLSearchParams) => ProbeReply>();
  readonly checks: CheckCount[] = [];
  healthSuccesses = 0;
  healthFailures = 0;

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
    const read: Check = () => etcd.stopReason;
    this.#routes.set("/health", (query) => this.#health(query));
    this.#routes.set("/version", () => version(etcd));
    this.#install("livez", { serializable_read: read });
    this.#install("readyz", {
      data_corruption: () => (this.#hasAlarm(AlarmType.CORRUPT) ? "alarm activated: CORRUPT" : undefined),
      serializable_read: read,
      linearizable_read: read,
      non_learner: () => undefined,
    });
  }

  has(path: string): boolean {
    return this.#routes.has(path);
  }

  /** @param path one that `has` knows */
  answer(method: string, path: string, query: URLSearchParams): ProbeReply {
    if (method !== "GET") {
      return { status: 405, headers: { ...PLAIN_TEXT, allow: "GET" }, body: "Method Not Allowed\n" };
    }
    const route = this.#routes.get(path);
    if (route === undefined) throw new Error(`no probe at ${path}`);
    return route(query);
  }

  #health(query: URLSearchParams): ProbeReply {
    const excluded = query.getAll("exclude");
    const alarm = this.#etcd.alarms().find(({ type }) => !excluded.includes(alarmName(type)));
    let reason = "";
    if (alarm !== undefined) reason = `ALARM ${alarmName(alarm.type)}`;
    else if (this.#etcd.stopReason !== undefined) reason = `RANGE ERROR:${this.#etcd.stopReason}`;
    const body = JSON.stringify({ health: reason === "" ? "true" : "false", reason });
    if (reason === "") {
      this.healthSuccesses++;
      return { status: 200, headers: TEXT, body };
    }
    this.healthFailures++;
    return { status: 503, headers: PLAIN_TEXT, body: `${body}\n` };
  }

  #install(type: "livez" | "readyz", checks: Readonly<Record<string, Check>>): void {
    const all = Object.entries(checks).map(([name, check]) => {
      const count: CheckCount = { type, name, lastPassed: undefined, passed: 0, failed: 0 };
      this.checks.push(count);
      return { name, check, count };
    });
    this.#routes.set(`/${type}`, (query) => {
      const excluded = query.getAll("exclude");
      return run(
        all.filter(({ name }) => !excluded.includes(name)),
        query,
      );
    });
    for (const one of all) this.#routes.set(`/${type}/${one.name}`, (query) => run([one], query));
  }

  #hasAlarm(type: number): boolean {
    return this.#etcd.alarms(type).length > 0;
  }
}

interface NamedCheck {
  readonly name: string;
  readonly check: Check;
  readonly count: CheckCount;
}

function run(checks: readonly NamedCheck[], query: URLSearchParams): ProbeReply {
  let lines = "";
  let isWell = true;
  for (const { name, check, count } of checks) {
    const failure = check();
    count.lastPassed = failure === undefined;
    if (failure === undefined) count.passed++;
    else count.failed++;
    isWell &&= failure === undefined;
    lines += failure === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${failure}\n`;
  }
  if (!isWell) return { status: 503, headers: PLAIN_TEXT, body: `${lines}\n` };
  return { status: 200, headers: PLAIN_TEXT, body: `${query.has("verbose") ? lines : ""}ok\n` };
}

function version({ versions: { cluster } }: Etcd): ProbeReply {
  const body = JSON.stringify({ etcdserver: ETCD_VERSION, etcdcluster: cluster, storage: cluster });
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

function alarmName(type: number): string {
  return { [AlarmType.NOSPACE]: "NOSPACE", [AlarmType.CORRUPT]: "CORRUPT" }[type] ?? "UNKNOWN";
}
