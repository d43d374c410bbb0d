import { etcdError } from "../errors.ts";
import type { RecordChange } from "./effects.ts";
import { decodeMember, encodeMember, type Member, memberKey, memberKeyId, REMOVED_MEMBER } from "./memberrecord.ts";
import type { EtcdOptions } from "./options.ts";
import { parsePeerUrls } from "./peerurls.ts";
import type { RecordRow } from "./state.ts";

export type MemberOptions = Pick<
  EtcdOptions,
  "memberId" | "name" | "clientUrls" | "peerUrls" | "maxLearners" | "strictReconfigCheck"
>;

/** What members need of the etcd that they are the members of. */
export interface ClusterHost {
  /** Counts a request that goes through what would be consensus. @throws EtcdError `stopped` */
  propose(): void;
  /** Told of each change of a row, within the step that makes it. */
  record(change: RecordChange): void;
}

/**
 * The members: the one that there is, and those added, none of which will ever start.
 *
 * Checks, their order and their errors are etcd's, with the added members as down. What follows is not: an etcd
 * whose one started member is no majority any more (a voter was added and does not start) answers nothing but
 * reads of its own data until it is restarted with --force-new-cluster. Here the one member goes on alone, as if
 * the others voted with it, so that adding and removing members can be tried. For the same reason
 *
 *     remove   of an added voter is done; in etcd it waits for the majority that is lost
 *              of the own member is refused, without --strict-reconfig-check too: etcd panics, as no voter is left
 *     update   of an added member to URLs that are none is refused: etcd panics; its own may become anything
 *     move     of the leadership to an added voter fails at once as it does in etcd when the caller's time is up
 */
export class Members {
  readonly #options: MemberOptions;
  readonly #host: ClusterHost;
  readonly #members = new Map<bigint, Member>();
  /** An ID is never used again. */
  readonly #removed = new Set<bigint>();

  /**
   * @param records rows of any bucket; of the own member they may have other peer URLs than the options
   * @throws JournalError
   */
  constructor(options: MemberOptions, records: readonly RecordRow[], host: ClusterHost) {
    this.#options = options;
    this.#host = host;
    for (const { bucket, key, value } of records) {
      if (bucket === "members") this.#set(decodeMember(key, value));
      else if (bucket === "members_removed") this.#removed.add(memberKeyId(key));
    }
    const { memberId: id, name, clientUrls } = options;
    const peerUrls = this.#members.get(id)?.peerUrls ?? options.peerUrls;
    this.#set({ id, name, peerUrls, clientUrls, isLearner: false });
  }

  /** By ID. */
  list(): Member[] {
    return [...this.#members.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Whether all members run, so that it is known what version they are of. */
  get allStarted(): boolean {
    return this.list().every(isStarted);
  }

  /** @throws EtcdError `memberNotEnoughStarted`, `unhealthyCluster`, `memberNotFound`, `memberExists`,
   *    `peerUrlExists`, `tooManyLearners` */
  add(added: Pick<Member, "id" | "peerUrls" | "isLearner">): Member {
    if (this.#options.strictReconfigCheck) this.#checkAddition(added.isLearner);
    this.#host.propose();
    if (this.#removed.has(added.id)) throw etcdError("memberNotFound");
    if (this.#members.has(added.id)) throw etcdError("memberExists");
    this.#checkPeerUrls(added);
    const learners = this.list().filter(({ isLearner }) => isLearner).length;
    if (added.isLearner && learners >= this.#options.maxLearners) throw etcdError("tooManyLearners");
    return this.#save({ ...added, name: "", clientUrls: [] });
  }

  /** @throws EtcdError `memberNotEnoughStarted`, `memberNotFound` */
  remove(id: bigint): void {
    const { strictReconfigCheck, memberId } = this.#options;
    if (id === memberId) throw etcdError("memberNotEnoughStarted");
    if (strictReconfigCheck && this.#members.get(id)?.isLearner !== true) {
      const others = this.#voters().filter((voter) => voter.id !== id);
      if (others.filter(isStarted).length < quorum(others.length)) throw etcdError("memberNotEnoughStarted");
    }
    this.#host.propose();
    if (!this.#members.delete(id)) throw etcdError("memberNotFound");
    this.#removed.add(id);
    this.#host.record({ bucket: "members", key: memberKey(id), value: undefined });
    this.#host.record({ bucket: "members_removed", key: memberKey(id), value: REMOVED_MEMBER });
  }

  /** @throws EtcdError `memberNotFound`, `peerUrlExists`, `memberBadUrls` */
  update(id: bigint, peerUrls: readonly string[]): void {
    this.#host.propose();
    const member = this.#members.get(id);
    if (member === undefined) throw etcdError("memberNotFound");
    this.#checkPeerUrls({ id, peerUrls });
    if (id !== this.#options.memberId) parsePeerUrls(peerUrls);
    this.#save({ ...member, peerUrls });
  }

  /** Never succeeds, as no learner ever starts. @throws EtcdError */
  promote(id: bigint): never {
    if (!this.#members.has(id)) throw etcdError("memberNotFound");
    if (id !== this.#options.memberId) throw etcdError("learnerNotReady");
    this.#host.propose();
    throw etcdError("memberNotLearner");
  }

  /** Moves the leadership to where it is. @throws EtcdError `badLeaderTransferee`, `leaderTransferTimedOut` */
  moveLeader(id: bigint): void {
    const member = this.#members.get(id);
    if (member === undefined || member.isLearner) throw etcdError("badLeaderTransferee");
    if (id !== this.#options.memberId) throw etcdError("leaderTransferTimedOut");
  }

  /** The rows that keep the members as they are. */
  rows(): RecordChange[] {
    return [
      ...this.list().map(memberRow),
      ...[...this.#removed].map((id): RecordChange => {
        return { bucket: "members_removed", key: memberKey(id), value: REMOVED_MEMBER };
      }),
    ];
  }

  /** That those who run would be a majority with one more voter, and that a majority of the voters answers. */
  #checkAddition(isLearner: boolean): void {
    const voters = this.#voters();
    const started = voters.filter(isStarted).length;
    const isFirst = voters.length === 1 && started === 1;
    if (!isLearner && !isFirst && started < quorum(voters.length + 1)) throw etcdError("memberNotEnoughStarted");
    if (voters.length > 1) throw etcdError("unhealthyCluster");
  }

  #checkPeerUrls({ id, peerUrls }: Pick<Member, "id" | "peerUrls">): void {
    const taken = new Set(this.list().flatMap((other) => (other.id === id ? [] : other.peerUrls)));
    if (peerUrls.some((url) => taken.has(url))) throw etcdError("peerUrlExists");
  }

  #voters(): Member[] {
    return this.list().filter(({ isLearner }) => !isLearner);
  }

  #set(member: Member): Member {
    this.#members.set(member.id, member);
    return member;
  }

  #save(member: Member): Member {
    this.#host.record(memberRow(member));
    return this.#set(member);
  }
}

function memberRow(member: Member): RecordChange {
  return { bucket: "members", key: memberKey(member.id), value: encodeMember(member) };
}

function isStarted(member: Member): boolean {
  return member.name !== "";
}

function quorum(members: number): number {
  return Math.floor(members / 2) + 1;
}
