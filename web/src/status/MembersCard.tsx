import type { Member } from "../../../src/gen/etcdserverpb/cluster_pb.ts";
import { useConnection } from "../app/context.ts";
import { Badge, Banner } from "../ui/index.ts";
import { useLoaded } from "./useLoaded.ts";

/** The cluster's members. */
export function MembersCard() {
  const { clients, id } = useConnection();
  const list = useLoaded((signal) => clients.cluster.memberList({}, { signal }), id);
  return (
    <section className="card" aria-label="Members">
      <h2>Members</h2>
      {list.error !== undefined && <Banner tone="warning">{list.error}</Banner>}
      <ul className="status-members">
        {list.value?.members.map((member) => (
          <MemberItem key={member.ID.toString()} member={member} />
        ))}
      </ul>
    </section>
  );
}

function MemberItem({ member }: { readonly member: Member }) {
  const { ID, name, peerURLs, clientURLs, isLearner } = member;
  return (
    <li>
      <div className="row row-wrap">
        <strong>{name || "not started"}</strong>
        <code>{ID.toString(16)}</code>
        <Badge>{isLearner ? "learner" : "voter"}</Badge>
      </div>
      <Urls label="Clients" urls={clientURLs} />
      <Urls label="Peers" urls={peerURLs} />
    </li>
  );
}

function Urls({ label, urls }: { readonly label: string; readonly urls: readonly string[] }) {
  if (urls.length === 0) return null;
  return (
    <p>
      <span className="muted">{label}: </span>
      <code>{urls.join(", ")}</code>
    </p>
  );
}
