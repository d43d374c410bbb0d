/**
 * Performs each operation on every side at once and answers each side's lines. With one side it serves the
 * transcripts, with two the comparison.
 *
 * Before an operation whose outcome would depend on timing it waits for the state that decides it:
 * - watches are settled (all they must deliver has arrived) before a cancel, a progress request, the end of
 *   a stream and a compaction;
 * - a background compaction is awaited before whatever sees its traces: a compaction, HashKV, a watch of the
 *   past, an alarm. etcd's own barrier does it: a physical compaction of a compacted revision fails only
 *   after the scheduled ones are done.
 */

import type { Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { ResponseHeader } from "../../src/gen/etcdserverpb/header_pb.ts";
import type { CompactionRequest, RangeStreamResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { CompactionRequestSchema, KV } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Maintenance } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import type { WatchRequest, WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { WatchRequestSchema, WatchResponseSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { Model } from "./model.ts";
import type { Operation } from "./operation.ts";
import type { Outcome, Side } from "./side.ts";
import { formatMessage } from "./text.ts";
import type { WatchConnection } from "./watchconnection.ts";

const WAIT_TIMEOUT_MS = 10_000;
/** etcd drops a progress request while a watch is not synced, which it may be for another 100 ms. */
const PROGRESS_RETRY_MS = 200;
const PROGRESS_ATTEMPTS = 20;
/** etcd queues this many responses of a stream; a watch that finds the queue full falls behind for a while. */
const WATCH_QUEUE_LENGTH = 128;
const COMPACTED_ERROR = "error OutOfRange: etcdserver: mvcc: required revision has been compacted";

type Lines = string[];
/** How a revision of a watch was cut into fragments, by watch and revision. */
type Cuts = Map<string, string>;
type CallOperation = Extract<Operation, { kind: "call" }>;
type WatchOperation = Extract<Operation, { kind: "watch" }>;

export class Lockstep {
  readonly model = new Model();
  readonly #sides: readonly Side[];
  /** One list of lines for each side, of the operation under way. */
  #lines: Lines[] = [];

  constructor(sides: readonly Side[]) {
    this.#sides = sides;
    this.model.revision = this.#reference.firstRevision;
  }

  get #reference(): Side {
    return this.#sides[0] as Side;
  }

  /** The lines of each side, in the order of the sides. A `TIMEOUT` line is a failure even if all have it. */
  async execute(operation: Operation): Promise<readonly Lines[]> {
    this.#lines = this.#sides.map(() => []);
    switch (operation.kind) {
      case "call":
        await this.#call(operation);
        break;
      case "keepAlive":
        await this.#each(async (side) => [await side.keepAlive(operation.request)]);
        break;
      case "shortLease":
        await this.#each((side) => side.shortLease(operation.request));
        break;
      case "anonymousLease":
        await this.#each((side) => side.anonymousLease(operation.request));
        break;
      case "settle":
        await this.#settle();
        break;
      default:
        await this.#watch(operation);
    }
    return this.#lines;
  }

  async #each(perform: (side: Side, index: number) => Promise<Lines>): Promise<void> {
    const lines = await Promise.all(this.#sides.map(perform));
    for (const [index, more] of lines.entries()) this.#lines[index]?.push(...more);
  }

  async #call(operation: CallOperation): Promise<void> {
    const { method, request } = operation;
    if (method === KV.method.compact && this.#compacts(request as CompactionRequest)) await this.#settle(true);
    if (method === KV.method.compact || method === Maintenance.method.hashKV || method === Maintenance.method.alarm) {
      await this.#awaitCompaction();
    }
    const outcome = await this.#callAll(operation);
    if (method === KV.method.compact && outcome.error === undefined) {
      const { revision, physical } = request as CompactionRequest;
      this.model.compacted(Number(revision));
      this.model.isCompacting = !physical;
    }
  }

  #compacts({ revision }: CompactionRequest): boolean {
    return revision > this.model.compactRevision && revision <= this.model.revision;
  }

  /** Calls every side and answers the reference's outcome. */
  async #callAll({ method, request }: CallOperation): Promise<Outcome> {
    let outcome: Outcome = { replies: [] };
    await this.#each(async (side, index) => {
      const own = await side.call(method, request);
      if (index === 0) outcome = own;
      return side.format(method, own);
    });
    for (const reply of outcome.replies) this.#sawRevision(reply);
    return outcome;
  }

  #sawRevision(reply: Message): void {
    const header =
      (reply as { header?: ResponseHeader }).header ?? (reply as RangeStreamResponse).rangeResponse?.header;
    this.model.revision = Math.max(this.model.revision, Number(header?.revision ?? 0n));
  }

  async #awaitCompaction(): Promise<void> {
    if (!this.model.isCompacting) return;
    const revision = BigInt(this.model.compactRevision);
    const request = create(CompactionRequestSchema, { revision, physical: true });
    await this.#each(async (side) => {
      const lines = side.format(KV.method.compact, await side.call(KV.method.compact, request));
      return lines.filter((line) => line !== COMPACTED_ERROR);
    });
    this.model.isCompacting = false;
  }

  async #watch(operation: Extract<Operation, { stream: number }>): Promise<void> {
    const model = this.model.stream(operation.stream);
    if (model.isClosed || (model.isHalfClosed && operation.kind !== "closeStream")) return;
    if (operation.kind === "closeStream") {
      await this.#settle();
      model.isClosed = true;
      model.watchers.clear();
      for (const side of this.#sides) side.closeWatch(operation.stream);
    } else if (operation.kind === "halfClose") {
      model.isHalfClosed = true;
      for (const side of this.#sides) side.watch(operation.stream).halfClose();
    } else {
      await this.#watchRequest(operation);
    }
  }

  async #watchRequest({ stream, request }: WatchOperation): Promise<void> {
    const union = request.requestUnion;
    switch (union.case) {
      case "createRequest": {
        if (union.value.startRevision > 0n) await this.#awaitCompaction();
        const created = await this.#control(stream, request);
        if (created !== undefined) this.model.created(stream, union.value, created);
        return;
      }
      case "cancelRequest": {
        const { watchId } = union.value;
        await this.#settle();
        if (!this.model.stream(stream).watchers.has(watchId)) return this.#send(stream, request);
        await this.#control(stream, request);
        this.model.canceled(stream, watchId);
        for (const side of this.#sides) side.watch(stream).forget(watchId);
        return;
      }
      case "progressRequest":
        await this.#settle(true);
        if (!this.model.answersProgress(stream)) return this.#send(stream, request);
        return this.#each((side) => askProgress(side.watch(stream), request));
      default:
        return this.#send(stream, request);
    }
  }

  #send(stream: number, request: WatchRequest): void {
    for (const side of this.#sides) side.watch(stream).send(request);
  }

  /** Sends a request that is answered by one control reply; answers the reference's. */
  async #control(stream: number, request: WatchRequest): Promise<WatchResponse | undefined> {
    let outcome: WatchResponse | undefined;
    await this.#each(async (side, index) => {
      const watch = side.watch(stream);
      watch.send(request);
      await watch.until(() => watch.controls.length > 0, WAIT_TIMEOUT_MS);
      const reply = watch.controls.shift();
      if (index === 0) outcome = reply;
      return [reply === undefined ? missing(watch, "no reply") : formatMessage(WatchResponseSchema, reply)];
    });
    return outcome;
  }

  /** Waits until every watch has delivered what it must; `probe` also makes sure that each is synced. */
  async #settle(probe = false): Promise<void> {
    const { revision } = this.model;
    await this.#compareAudits(revision);
    const cuts = this.#sides.map(() => new Map<string, string>());
    await this.#each(async (side, index) => {
      const lines: Lines[] = [];
      for (const [stream, { watchers, isClosed }] of this.model.streams) {
        if (isClosed) continue;
        const watch = side.watch(stream);
        for (const [watchId, { expected }] of watchers) {
          if (await watch.until(() => watch.received(watchId) >= expected, WAIT_TIMEOUT_MS)) continue;
          lines.push([missing(watch, `watch ${stream}/${watchId}: ${watch.received(watchId)} of ${expected} events`)]);
        }
        if (watch.takeResponseCount() >= WATCH_QUEUE_LENGTH) this.model.isUnsynced = true;
        lines.push(drain(stream, watch, cuts[index] as Cuts));
      }
      return lines.flat();
    });
    this.#compareCuts(cuts);
    if (probe && this.model.isUnsynced) await this.#probe();
  }

  /** Where every side sent a revision by itself and in fragments, these are compared. */
  #compareCuts(cuts: readonly Cuts[]): void {
    for (const name of cuts[0]?.keys() ?? []) {
      const shown = cuts.map((own) => own.get(name));
      const isEqual = shown.every((text) => text === shown[0]) && shown.length > 1;
      if (isEqual || shown.includes(undefined)) continue;
      for (const [index, text] of shown.entries()) this.#lines[index]?.push(`${name} in fragments of ${text} events`);
    }
  }

  /** The audits tell what every watch must deliver; they are compared, but shown only where they differ. */
  async #compareAudits(revision: number): Promise<void> {
    const shown = await Promise.all(
      this.#sides.map(async ({ audit }, index) => {
        const arrived = () => audit.lastRevision(0n) >= revision || revision === this.#reference.firstRevision;
        const isComplete = await audit.until(arrived, WAIT_TIMEOUT_MS);
        const responses = audit.drain(0n);
        if (index === 0) this.model.feed(responses.flatMap((response) => response.events));
        const lines = audit.format(0n, responses).map((line) => `audit: ${line}`);
        return isComplete ? lines : [...lines, missing(audit, `the audit watch has not reached revision ${revision}`)];
      }),
    );
    const isEqual = shown.every((lines) => lines.join("\n") === shown[0]?.join("\n"));
    for (const [index, lines] of shown.entries()) {
      const isSuspect = lines.some((line) => line.startsWith("TIMEOUT") || line.includes("BROKEN"));
      if (!isEqual || isSuspect) this.#lines[index]?.push(...lines);
    }
  }

  /**
   * Watches that are behind are moved on together, in rounds 100 ms apart. A new watch of the past is behind;
   * once it is answered the round is over, and all older watches are synced.
   */
  async #probe(): Promise<void> {
    this.model.isUnsynced = false;
    const { revision, compactRevision } = this.model;
    if (revision <= 1) return;
    // At the compacted revision itself there may be no event left; below it the answer is a cancel.
    const startRevision = BigInt(compactRevision < revision ? revision : 1);
    const value = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0), startRevision };
    const request = create(WatchRequestSchema, { requestUnion: { case: "createRequest", value } });
    await this.#each(async (side) => {
      const watch = side.openWatch();
      watch.send(request);
      const isAnswered = await watch.until(() => watch.received(0n) > 0, WAIT_TIMEOUT_MS);
      watch.close();
      return isAnswered ? [] : [missing(watch, `no answer to a watch from revision ${startRevision}`)];
    });
  }
}

async function askProgress(watch: WatchConnection, request: WatchRequest): Promise<Lines> {
  for (let attempt = 0; attempt < PROGRESS_ATTEMPTS; attempt += 1) {
    watch.send(request);
    if (await watch.until(() => watch.progress.length > 0, PROGRESS_RETRY_MS)) break;
  }
  const reply = watch.progress.shift();
  if (reply === undefined) return [missing(watch, "no reply to a progress request")];
  const line = formatMessage(WatchResponseSchema, reply);
  watch.ignoredProgress = line;
  return [line];
}

/** Everything that came on a stream since the last time, and whether the stream is still up. */
function drain(stream: number, watch: WatchConnection, cuts: Cuts): Lines {
  const lines: Lines = [];
  for (const watchId of watch.delivered()) {
    const name = `watch ${stream}/${watchId}:`;
    const watchCuts = new Map<bigint, string>();
    const formatted = watch.format(watchId, watch.drain(watchId), watchCuts);
    lines.push(...formatted.map((line) => `${name} ${line}`));
    for (const [revision, text] of watchCuts) cuts.set(`${name} revision ${revision}`, text);
  }
  for (const reply of watch.progress.splice(0)) {
    const line = formatMessage(WatchResponseSchema, reply);
    if (line !== watch.ignoredProgress) lines.push(`stream ${stream}: unexpected progress ${line}`);
  }
  for (const reply of watch.controls.splice(0)) {
    lines.push(`stream ${stream}: unexpected reply ${formatMessage(WatchResponseSchema, reply)}`);
  }
  if (watch.ended !== undefined) lines.push(`stream ${stream}: ended with ${watch.ended}`);
  return lines;
}

function missing(watch: WatchConnection, what: string): string {
  return watch.ended === undefined ? `TIMEOUT: ${what}` : `TIMEOUT: ${what}; the stream ended with ${watch.ended}`;
}
