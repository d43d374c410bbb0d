/** What must hold of an etcd that has just been opened, of all that was there before. */
import type { Entry } from "../../src/mvcc/index.ts";
import type { Etcd } from "../../src/server/index.ts";
import type { Random } from "../differential/random.ts";
import type { State } from "./model/state.ts";
import { byKey } from "./model/state.ts";
import { eventOf, type Oracle, showEvent } from "./oracle.ts";
import { ROLE } from "./request.ts";
import { showPair, textOf } from "./show.ts";

const EVERYTHING = { key: "\0", rangeEnd: "\0" };
/** How many old revisions and hashes are looked at. */
const SAMPLES = 3;

/**
 * The etcd has what somebody was told of, and nothing half: it is as it was after one of the steps that were made.
 * Then the model goes on from there.
 */
export function checkRestart(oracle: Oracle, etcd: Etcd, nowMs: number, random: Random): void {
  const { model } = oracle;
  const found = textOfEtcd(etcd);
  const step = model.steps.findLastIndex((state) => isLike(state, etcd) && textOfState(state) === found);
  if (step < model.acknowledged) {
    const acknowledged = textOfState(model.steps[model.acknowledged] as State);
    const what = step === -1 ? "is as it never was" : "has lost what was acknowledged";
    oracle.fail(`after a restart the etcd ${what}: ${found}; acknowledged was ${acknowledged}`);
    return;
  }
  model.restart(step, nowMs);
  oracle.history.undo(model.state.revision);
  checkHistory(oracle, etcd, random);
  checkReplay(oracle, etcd, random);
  for (const revision of oracle.hashedRevisions(etcd.store.compactRevision).slice(0, SAMPLES)) {
    const { hash, ...of } = etcd.hash(revision);
    oracle.hashed(hash, { ...of, isCompacted: false });
  }
}

/** Old revisions can be read as they were. */
function checkHistory(oracle: Oracle, etcd: Etcd, random: Random): void {
  const { revision, compacted } = oracle.model.state;
  for (let at = 0; at < SAMPLES; at++) {
    const past = random.integer(Math.max(1, compacted), revision);
    const found = etcd.store.list(EVERYTHING, past, 0, false).map(pairText).join(",");
    const expected = [...oracle.model.log.pairsAt(past).values()].sort(byKey).map(showPair).join(",");
    if (found !== expected) oracle.fail(`after a restart revision ${past} has ${found}, not ${expected}`);
  }
}

/** A watch from an old revision gets what happened, exactly. */
function checkReplay(oracle: Oracle, etcd: Etcd, random: Random): void {
  const { model } = oracle;
  const { revision, compacted } = model.state;
  const startRevision = random.integer(Math.max(1, compacted), revision);
  const stream = etcd.watchStream(() => {});
  const flags = { progressNotify: false, noPut: false, noDelete: false, prevKv: false, fragment: false };
  stream.create({ ...EVERYTHING, ...flags, watchId: 0n, startRevision });
  const events: string[] = [];
  while (stream.hasMore) {
    for (const { entry } of stream.pull()?.events ?? []) events.push(showEvent(eventOf(entry)));
  }
  stream.close();
  const expected = model.eventsIn({ key: "\0", end: "\0" }, startRevision, revision).map(showEvent);
  if (events.join() === expected.join()) return;
  oracle.fail(`after a restart a watch from ${startRevision} gets ${events.join()}, not ${expected.join()}`);
}

/** Cheap, and true of few. */
function isLike(state: State, etcd: Etcd): boolean {
  const { revision, compactRevision } = etcd.store;
  return state.revision === revision && state.compacted === compactRevision;
}

function textOfState({ revision, compacted, pairs, leases, auth }: State): string {
  return textOfAll({
    revision,
    compacted,
    pairs: [...pairs.values()].sort(byKey).map(showPair),
    leases: [...leases],
    auth: `${auth.enabled} ${auth.revision}`,
    granted: auth.granted.map(({ key, end }) => `${key}..${end}`),
  });
}

function textOfEtcd(etcd: Etcd): string {
  const { store, auth } = etcd;
  const permissions = auth.roleNames().includes(ROLE) ? auth.permissions(ROLE) : [];
  return textOfAll({
    revision: store.revision,
    compacted: store.compactRevision,
    pairs: store.list(EVERYTHING, 0, 0, false).map(pairText),
    leases: etcd.leases().map(({ id, ttlSeconds }) => [id, ttlSeconds]),
    auth: `${auth.enabled} ${auth.revision}`,
    granted: permissions.map(({ key, rangeEnd }) => `${textOf(key)}..${textOf(rangeEnd)}`),
  });
}

interface Texts {
  readonly revision: number;
  readonly compacted: number;
  readonly pairs: readonly string[];
  readonly leases: ReadonlyArray<readonly [bigint, number]>;
  readonly auth: string;
  readonly granted: readonly string[];
}

function textOfAll({ revision, compacted, pairs, leases, auth, granted }: Texts): string {
  const leaseTexts = leases.map(([id, ttlSeconds]) => `${id}:${ttlSeconds}`).sort();
  const rest = `leases ${leaseTexts.join(" ")}, auth ${auth} ${[...granted].sort().join(" ")}`;
  return `r${revision} compacted ${compacted} [${pairs.join(",")}] ${rest}`;
}

function pairText(entry: Entry): string {
  return showPair(eventOf(entry).pair);
}
