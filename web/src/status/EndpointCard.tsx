import { RefreshCw } from "lucide-react";
import type { StatusResponse } from "../../../src/gen/etcdserverpb/maintenance_pb.ts";
import { useConnection } from "../app/context.ts";
import { endpointTitle, protocolTitle } from "../connect/describe.ts";
import { sizeText } from "../store/bytes.ts";
import { Badge, Banner, IconButton, Spinner } from "../ui/index.ts";
import { type Fact, Facts } from "./Facts.tsx";
import type { Loaded } from "./useLoaded.ts";
import type { Position } from "./usePosition.ts";

/** What Maintenance.Status tells, in words. */
export function EndpointCard({ position }: { readonly position: Position }) {
  const { endpoint } = useConnection();
  const { status, compactRevision } = position;
  return (
    <section className="card" aria-label="Endpoint">
      <div className="row">
        <h2 className="grow">{endpointTitle(endpoint)}</h2>
        <IconButton label="Ask again" onClick={position.reload}>
          <RefreshCw />
        </IconButton>
      </div>
      {status.error !== undefined && (
        <Banner tone="danger" title="The status could not be read">
          {status.error}
        </Banner>
      )}
      {status.value === undefined && status.error === undefined && <Spinner label="Reading the status" />}
      {status.value !== undefined && (
        <>
          <Facts
            facts={[
              ["Reached as", protocolTitle(endpoint)],
              ...memberFacts(status.value),
              ["Compact revision", compactText(compactRevision)],
            ]}
          />
          <Quota status={status.value} />
        </>
      )}
    </section>
  );
}

function memberFacts(status: StatusResponse): Fact[] {
  const { header } = status;
  const leads = header?.memberId === status.leader;
  return [
    ["etcd version", status.version],
    ["Storage version", status.storageVersion || "not told"],
    ["Revision", header?.revision.toString() ?? "not told"],
    ["Cluster ID", <code key="cluster">{header?.clusterId.toString(16) ?? ""}</code>],
    ["Member ID", <code key="member">{header?.memberId.toString(16) ?? ""}</code>],
    ["Leader", <Leader key="leader" id={status.leader} self={leads} />],
    ["Role", status.isLearner ? "Learner, without a vote" : "Voting member"],
    ["Raft term", status.raftTerm.toString()],
    ["Raft index", status.raftIndex.toString()],
    ["Raft applied index", status.raftAppliedIndex.toString()],
    ["Errors", status.errors.length === 0 ? "None" : status.errors.join("; ")],
  ];
}

function Leader({ id, self }: { readonly id: bigint; readonly self: boolean }) {
  if (id === 0n) return <Badge tone="danger">No leader</Badge>;
  return (
    <span className="row">
      <code>{id.toString(16)}</code>
      {self && <Badge tone="success">this member</Badge>}
    </span>
  );
}

function compactText({ value, loading }: Loaded<number | undefined>): string {
  if (value === undefined) return loading ? "Looking…" : "Not told by this server";
  return value === 0 ? "Nothing was compacted" : `${value}: earlier revisions cannot be read`;
}

/** Space used of the space allowed. */
function Quota({ status }: { readonly status: StatusResponse }) {
  const { dbSize, dbSizeInUse, dbSizeQuota } = status;
  const share = dbSizeQuota > 0n ? Number(dbSize) / Number(dbSizeQuota) : undefined;
  return (
    <div className="status-quota">
      <Facts
        facts={[
          ["Database size", sizeText(dbSize)],
          ["In use", sizeText(dbSizeInUse)],
          ["Quota", dbSizeQuota > 0n ? sizeText(dbSizeQuota) : "No limit, or not told"],
        ]}
      />
      {share !== undefined && (
        <div className="row">
          <meter
            aria-label="Database size of the quota"
            min={0}
            max={1}
            low={0.7}
            high={0.9}
            optimum={0}
            value={Math.min(1, share)}
          />
          <span className="muted">{share < 0.001 ? "under 0.1" : (share * 100).toFixed(1)} % of the quota</span>
        </div>
      )}
    </div>
  );
}
