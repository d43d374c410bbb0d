/**
 * Performs each operation on every side at once and answers each side's lines. With one side it serves the
 * transcripts, with two the comparison.
 *
 * Before an operation whose outcome would depend on timing it waits for the state that decides it:
 * - watches are settled (all they must deliver has arrived) before a cancel, a progress request, the end of
 *   a stream and a compaction;
 * - a background compaction is awaited before whatever sees its traces: a compaction, HashKV, a watch of the
 *   past, an alarm. etcd's own barrier does it: a physical compaction of a compacted revision fails only
 *   after the scheduled ones are done;
 * - a lock or a candidacy that would wait for others is let through by taking these away (acquire.ts).
 *
 * While auth is on it does all this with a token of root, in the slot ADMIN of each side.
 */

import { create } from "@bufbuild/protobuf";
import { AuthenticateRequestSchema } from "../../src/gen/etcdserverpb/auth_pb.ts";
import type { CompactionRequest, RangeResponse } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { CompactionRequestSchema, KV, RangeRequestSchema } from "../../src/gen/etcdserverpb/kv_pb.ts";
import { Maintenance, StatusRequestSchema, type StatusResponse } from "../../src/gen/etcdserverpb/maintenance_pb.ts";
import { acquire, isOfSession, mayWait, sessionLease } from "./acquire.ts";
import { ADMIN } from "./credential.ts";
import { endsRootToken, learn, ROOT } from "./learn.ts";
import { lookAround } from "./lookaround.ts";
import { Model } from "./model.ts";
import type { CallOperation, HttpOperation, Operation } from "./operation.ts";
import { meaningOf } from "./paths.ts";
import type { Answer, Side } from "./side.ts";
import type { Lines, Servers } from "./step.ts";
import { Step } from "./step.ts";
import { Watches } from "./watches.ts";

/** etcd looks every 4 s for a new version of the cluster, and again every 4 s for one of the storage. */
const VERSION_TIMEOUT_MS = 30_000;
const POLL_INTERVAL_MS = 50;
const COMPACTED_ERROR = "error OutOfRange: etcdserver: mvcc: required revision has been compacted";

export class Lockstep {
  readonly model = new Model();
  readonly #servers: Servers;
  readonly #step: Step;
  readonly #watches: Watches;

  constructor(servers: Servers) {
    this.#servers = servers;
    this.#step = new Step(servers);
    this.#watches = new Watches(this.#step, this.model, () => this.#awaitCompaction());
    this.model.revision = this.#step.reference.firstRevision;
  }

  /** The lines of each side, in the order of the sides. A `TIMEOUT` line is a failure even if all have it. */
  async execute(operation: Operation): Promise<readonly Lines[]> {
    this.#step.begin();
    switch (operation.kind) {
      case "call":
      case "http":
        await this.#request(operation);
        break;
      case "login":
        await this.#step.each((side) => side.login(operation.slot, operation.request));
        break;
      case "keepAlive":
        await this.#step.each(async (side) => [await side.keepAlive(operation)]);
        break;
      case "shortLease":
        await this.#step.each((side) => side.shortLease(operation));
        break;
      case "anonymousLease":
        await this.#step.each((side) => side.anonymousLease(operation));
        break;
      case "storage":
        await this.#step.each((side) => untilStorageVersion(side, operation.version));
        break;
      case "settle":
        await this.#watches.settle();
        break;
      case "exchange":
        await this.#exchange();
        break;
      default:
        await this.#watches.perform(operation);
    }
    return this.#step.lines;
  }

  async #request(operation: CallOperation | HttpOperation): Promise<void> {
    const meaning = meaningOf(operation);
    if (meaning !== undefined) await this.#prepare(meaning);
    let answers: readonly Answer[];
    if (meaning !== undefined && mayWait(meaning)) answers = await acquire(this.#step.sides, operation, meaning);
    else answers = await Promise.all(this.#step.sides.map((side) => side.answer(operation)));
    for (const [index, { lines }] of answers.entries()) this.#step.add(index, ...lines);
    const { isOk, revision, reply } = answers[0] as Answer;
    this.model.revision = Math.max(this.model.revision, revision);
    if (meaning === undefined) return;
    const lease = sessionLease(meaning);
    if (lease !== undefined) for (const side of this.#step.sides) side.identity.leaseTimes.perhapsRefreshed(lease);
    if (isOk) learn(this.model, meaning, reply);
    else if (isOfSession(meaning)) await this.#learnRevision();
    if (isOk && this.model.auth.isEnabled && endsRootToken(meaning)) await this.#signIn();
  }

  async #prepare({ method, request }: CallOperation): Promise<void> {
    if (method === KV.method.compact && this.#compacts(request as CompactionRequest)) await this.#watches.settle(true);
    if (method === KV.method.compact || method === Maintenance.method.hashKV || method === Maintenance.method.alarm) {
      await this.#awaitCompaction();
    }
  }

  #compacts({ revision }: CompactionRequest): boolean {
    return revision > this.model.compactRevision && revision <= this.model.revision;
  }

  /** An error may come after a write. */
  async #learnRevision(): Promise<void> {
    const request = create(RangeRequestSchema, { key: Uint8Array.of(0), countOnly: true });
    const { replies } = await this.#step.reference.call(KV.method.range, request, ADMIN);
    const { header } = (replies[0] ?? {}) as Partial<RangeResponse>;
    this.model.revision = Math.max(this.model.revision, Number(header?.revision ?? 0n));
  }

  /** Snapshots both ways, and what is found in the servers that are made of them. */
  async #exchange(): Promise<void> {
    const { auth } = this.model;
    await this.#watches.settle(true);
    await this.#awaitCompaction();
    await this.#servers.exchange(auth.isEnabled ? auth.passwords.get(ROOT) : undefined);
    this.model.restarted();
    await this.#step.each(async (side) => lookAround(side));
  }

  async #signIn(): Promise<void> {
    const password = this.model.auth.passwords.get(ROOT) ?? "";
    const request = create(AuthenticateRequestSchema, { name: ROOT, password });
    await this.#step.each(async (side) => {
      const lines = await side.login(ADMIN, request);
      return lines.filter((line) => line.startsWith("error"));
    });
  }

  async #awaitCompaction(): Promise<void> {
    if (!this.model.isCompacting) return;
    const revision = BigInt(this.model.compactRevision);
    const request = create(CompactionRequestSchema, { revision, physical: true });
    await this.#step.each(async (side) => {
      const lines = side.format(KV.method.compact, await side.call(KV.method.compact, request, ADMIN));
      return lines.filter((line) => line !== COMPACTED_ERROR);
    });
    this.model.isCompacting = false;
  }
}

async function untilStorageVersion(side: Side, version: string): Promise<Lines> {
  const deadlineMs = Date.now() + VERSION_TIMEOUT_MS;
  const request = create(StatusRequestSchema);
  while (Date.now() < deadlineMs) {
    const { replies } = await side.call(Maintenance.method.status, request, ADMIN);
    if ((replies[0] as StatusResponse | undefined)?.storageVersion === version) return [];
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
  return [`TIMEOUT: no storage version ${version}`];
}
