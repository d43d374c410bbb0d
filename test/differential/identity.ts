/**
 * What is a server's own: its IDs, its URLs, the IDs it gave to added members, its tokens. Requests name these by
 * stand-ins that are the same on all sides, and replies are turned back.
 */
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { clone } from "@bufbuild/protobuf";

/** Stands for the server's own cluster ID, and for its own member ID. */
export const OWN_ID = 1n;
/** Stands for the member whose snapshot the server was started from: alarms are still its own. */
export const SOURCE_ID = 2n;
/** The members that a server has added are 1001, 1002 ... */
export const FIRST_ADDED_ID = 1001n;
export const OWN_PEER_URL = "http://own.peer:2380";
const OWN_CLIENT_URL = "own";

const TTL_SLACK_SECONDS = 2;

const NAME_MEMBERS = new Set(
  ["Alarm", "MoveLeader", "MemberAdd", "MemberRemove", "MemberUpdate", "MemberPromote"].map(
    (name) => `etcdserverpb.${name}Request`,
  ),
);

type NamesMembers = Message & { memberID?: bigint; targetID?: bigint; ID?: bigint; peerURLs?: string[] };

type IdentityInit = {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  /** The member whose snapshot it was started from. */
  readonly sourceId?: bigint | undefined;
  readonly url: string;
  readonly peerUrls: readonly string[];
  readonly tokens?: Map<string, string>;
};

export class Identity {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly leaseTimes = new LeaseTimes();
  /** By slot, see credential.ts. */
  readonly tokens: Map<string, string>;
  readonly #sourceId: bigint | undefined;
  readonly #url: string;
  readonly #peerUrls: readonly string[];
  readonly #addedIds: bigint[] = [];

  constructor({ clusterId, memberId, sourceId, url, peerUrls, tokens = new Map() }: IdentityInit) {
    this.clusterId = clusterId;
    this.memberId = memberId;
    this.tokens = tokens;
    this.#sourceId = sourceId;
    this.#url = url;
    this.#peerUrls = peerUrls;
  }

  /** The stand-in of a member ID; an unknown ID is its own. */
  member(id: bigint): bigint {
    if (id === this.memberId) return OWN_ID;
    if (id === this.#sourceId) return SOURCE_ID;
    const index = this.#addedIds.indexOf(id);
    return index < 0 ? id : FIRST_ADDED_ID + BigInt(index);
  }

  /** The same for a member of the cluster, which gets a stand-in if it has none. */
  listedMember(id: bigint): bigint {
    if (this.member(id) === id) this.#addedIds.push(id);
    return this.member(id);
  }

  /** The member ID behind a stand-in. */
  ownMember(id: bigint): bigint {
    if (id === OWN_ID) return this.memberId;
    if (id === SOURCE_ID) return this.#sourceId ?? id;
    return this.#addedIds[Number(id - FIRST_ADDED_ID)] ?? id;
  }

  peerUrl(url: string): string {
    return this.#peerUrls.includes(url) ? OWN_PEER_URL : url;
  }

  clientUrl(url: string): string {
    return url === this.#url ? OWN_CLIENT_URL : url;
  }

  /** The request as this server must get it. */
  ownRequest(schema: DescMessage, request: Message): Message {
    if (!NAME_MEMBERS.has(schema.typeName)) return request;
    const own: NamesMembers = clone(schema, request);
    if (own.memberID !== undefined) own.memberID = this.ownMember(own.memberID);
    if (own.targetID !== undefined) own.targetID = this.ownMember(own.targetID);
    if (own.ID !== undefined) own.ID = this.ownMember(own.ID);
    if (own.peerURLs !== undefined) own.peerURLs = own.peerURLs.map((url) => this.#ownPeerUrl(url));
    return own;
  }

  /** A JSON body as this server must get it: `#1` is its own member. */
  ownBody(body: Uint8Array): Uint8Array {
    const text = Buffer.from(body).toString("latin1");
    if (!/#\d/.test(text) && !text.includes(OWN_PEER_URL)) return body;
    const own = text
      .replaceAll(/#(\d+)/g, (_, id: string) => String(this.ownMember(BigInt(id))))
      .replaceAll(OWN_PEER_URL, this.#peerUrls[0] ?? OWN_PEER_URL);
    return Buffer.from(own, "latin1");
  }

  #ownPeerUrl(url: string): string {
    return url === OWN_PEER_URL ? (this.#peerUrls[0] ?? url) : url;
  }
}

/** How long after a session's call its keep-alive may still reach the server. */
const SESSION_SLACK_MS = 2000;

/**
 * When leases were granted or kept alive last, in ms of the local clock. A session of the Lock and Election
 * services asks for a keep-alive and does not wait for it, so there may be several times.
 */
export class LeaseTimes {
  readonly #refreshedMs = new Map<bigint, number[]>();
  readonly #sessionMs = new Map<bigint, number>();

  refreshed(leaseId: bigint): void {
    const now = Date.now();
    const isSessionOver = now - (this.#sessionMs.get(leaseId) ?? -Infinity) > SESSION_SLACK_MS;
    this.#refreshedMs.set(leaseId, isSessionOver ? [now] : [now, now]);
  }

  perhapsRefreshed(leaseId: bigint): void {
    this.#sessionMs.set(leaseId, Date.now());
    this.#refreshedMs.get(leaseId)?.push(Date.now());
  }

  /** Leases are listed by expiry; those which a session may have kept alive come last, by ID. */
  compare(a: bigint, b: bigint): number {
    const [isLastA, isLastB] = [this.#isUncertain(a), this.#isUncertain(b)];
    if (isLastA !== isLastB) return isLastA ? 1 : -1;
    return isLastA ? Number(a - b) : 0;
  }

  #isUncertain(leaseId: bigint): boolean {
    return (this.#refreshedMs.get(leaseId)?.length ?? 0) > 1;
  }

  /** The granted TTL if the time left is what the clock says, give or take the slack; else the time left. */
  fullTtl(leaseId: bigint, ttl: bigint, grantedTtl: bigint): bigint {
    const times = this.#refreshedMs.get(leaseId) ?? [];
    const isExpected = (refreshedMs: number): boolean => {
      const goneSeconds = (Date.now() - refreshedMs) / 1000;
      return Math.abs(Number(grantedTtl - ttl) - goneSeconds) <= TTL_SLACK_SECONDS;
    };
    return ttl >= 0n && times.some(isExpected) ? grantedTtl : ttl;
  }
}
