/**
 * The watch streams of all sides, in step: requests on them, and the settle, which waits until every watch has
 * delivered what the model says it must, and not a moment longer.
 */
import { create } from "@bufbuild/protobuf";
import type { WatchRequest, WatchResponse } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { WatchRequestSchema, WatchResponseSchema } from "../../src/gen/etcdserverpb/watch_pb.ts";
import { ADMIN } from "./credential.ts";
import type { Model } from "./model.ts";
import type { Operation, WatchOperation } from "./operation.ts";
import type { Lines, Step } from "./step.ts";
import { formatMessage } from "./text.ts";
import type { WatchConnection } from "./watchconnection.ts";

const WAIT_TIMEOUT_MS = 10_000;
/** etcd drops a progress request while a watch is not synced, which it may be for another 100 ms. */
const PROGRESS_RETRY_MS = 200;
const PROGRESS_ATTEMPTS = 20;
/** etcd queues this many responses of a stream; a watch that finds the queue full falls behind for a while. */
const WATCH_QUEUE_LENGTH = 128;

/** How a revision of a watch was cut into fragments, by watch and revision. */
type Cuts = Map<string, string>;

export class Watches {
  readonly #step: Step;
  readonly #model: Model;
  readonly #awaitCompaction: () => Promise<void>;

  constructor(step: Step, model: Model, awaitCompaction: () => Promise<void>) {
    this.#step = step;
    this.#model = model;
    this.#awaitCompaction = awaitCompaction;
  }

  async perform(operation: Extract<Operation, { stream: number }>): Promise<void> {
    const model = this.#model.stream(operation.stream);
    if (model.isClosed || (model.isHalfClosed && operation.kind !== "closeStream")) return;
    if (operation.kind === "closeStream") {
      await this.settle();
      model.isClosed = true;
      model.watchers.clear();
      for (const side of this.#step.sides) side.closeWatch(operation.stream);
    } else if (operation.kind === "halfClose") {
      model.isHalfClosed = true;
      for (const side of this.#step.sides) side.watch(operation.stream).halfClose();
    } else {
      await this.#request(operation);
    }
  }

  async #request({ stream, request, as }: WatchOperation): Promise<void> {
    for (const side of this.#step.sides) side.watch(stream, as);
    const union = request.requestUnion;
    switch (union.case) {
      case "createRequest": {
        if (union.value.startRevision > 0n) await this.#awaitCompaction();
        const created = await this.#control(stream, request);
        if (created !== undefined) this.#model.created(stream, union.value, created);
        return;
      }
      case "cancelRequest": {
        const { watchId } = union.value;
        await this.settle();
        if (!this.#model.stream(stream).watchers.has(watchId)) return this.#send(stream, request);
        await this.#control(stream, request);
        this.#model.canceled(stream, watchId);
        for (const side of this.#step.sides) side.watch(stream).forget(watchId);
        return;
      }
      case "progressRequest":
        await this.settle(true);
        if (!this.#model.answersProgress(stream)) return this.#send(stream, request);
        return this.#step.each((side) => askProgress(side.watch(stream), request));
      default:
        return this.#send(stream, request);
    }
  }

  #send(stream: number, request: WatchRequest): void {
    for (const side of this.#step.sides) side.watch(stream).send(request);
  }

  /** Sends a request that is answered by one control reply; answers the reference's. */
  async #control(stream: number, request: WatchRequest): Promise<WatchResponse | undefined> {
    let outcome: WatchResponse | undefined;
    await this.#step.each(async (side, index) => {
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
  async settle(probe = false): Promise<void> {
    const { revision } = this.#model;
    await this.#compareAudits(revision);
    const cuts = this.#step.sides.map(() => new Map<string, string>());
    await this.#step.each(async (side, index) => {
      const lines: Lines[] = [];
      for (const [stream, { watchers, isClosed }] of this.#model.streams) {
        if (isClosed) continue;
        const watch = side.watch(stream);
        for (const [watchId, { expected }] of watchers) {
          if (await watch.until(() => watch.received(watchId) >= expected, WAIT_TIMEOUT_MS)) continue;
          lines.push([missing(watch, `watch ${stream}/${watchId}: ${watch.received(watchId)} of ${expected} events`)]);
        }
        if (watch.takeResponseCount() >= WATCH_QUEUE_LENGTH) this.#model.isUnsynced = true;
        lines.push(drain(stream, watch, cuts[index] as Cuts));
      }
      return lines.flat();
    });
    this.#compareCuts(cuts);
    if (probe && this.#model.isUnsynced) await this.#probe();
  }

  /** Where every side sent a revision by itself and in fragments, these are compared. */
  #compareCuts(cuts: readonly Cuts[]): void {
    for (const name of cuts[0]?.keys() ?? []) {
      const shown = cuts.map((own) => own.get(name));
      const isEqual = shown.every((text) => text === shown[0]) && shown.length > 1;
      if (isEqual || shown.includes(undefined)) continue;
      for (const [index, text] of shown.entries()) this.#step.add(index, `${name} in fragments of ${text} events`);
    }
  }

  /** The audits tell what every watch must deliver; they are compared, but shown only where they differ. */
  async #compareAudits(revision: number): Promise<void> {
    const shown = await Promise.all(
      this.#step.sides.map(async ({ audit }, index) => {
        const arrived = () => audit.lastRevision(0n) >= revision || revision === this.#step.reference.firstRevision;
        const isComplete = await audit.until(arrived, WAIT_TIMEOUT_MS);
        const responses = audit.drain(0n);
        if (index === 0) this.#model.feed(responses.flatMap((response) => response.events));
        const lines = audit.format(0n, responses).map((line) => `audit: ${line}`);
        return isComplete ? lines : [...lines, missing(audit, `the audit watch has not reached revision ${revision}`)];
      }),
    );
    const isEqual = shown.every((lines) => lines.join("\n") === shown[0]?.join("\n"));
    for (const [index, lines] of shown.entries()) {
      const isSuspect = lines.some((line) => line.startsWith("TIMEOUT") || line.includes("BROKEN"));
      if (!isEqual || isSuspect) this.#step.add(index, ...lines);
    }
  }

  /**
   * Watches that are behind are moved on together, in rounds 100 ms apart. A new watch of the past is behind;
   * once it is answered the round is over, and all older watches are synced.
   */
  async #probe(): Promise<void> {
    this.#model.isUnsynced = false;
    const { revision, compactRevision } = this.#model;
    if (revision <= 1) return;
    // At the compacted revision itself there may be no event left; below it the answer is a cancel.
    const startRevision = BigInt(compactRevision < revision ? revision : 1);
    const value = { key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0), startRevision };
    const request = create(WatchRequestSchema, { requestUnion: { case: "createRequest", value } });
    await this.#step.each(async (side) => {
      const watch = side.openWatch(ADMIN);
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
