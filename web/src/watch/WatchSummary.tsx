import { useNow } from "../live/index.ts";
import { Badge, useCell } from "../ui/index.ts";
import { useWatches } from "./context.ts";
import { rateText } from "./rate.ts";

/** How many watches there are and how much they see, for the dock while it is closed. */
export function WatchSummary() {
  const nowMs = useNow();
  const list = useCell(useWatches().list);
  if (list.length === 0) return null;
  const rate = list.reduce((sum, one) => sum + one.rate.perSecond(nowMs), 0);
  const stopped = list.filter(({ watch }) => /compacted|rewound|failed/.test(watch.state.value.phase)).length;
  return (
    <span className="row">
      <Badge tone="info">{list.length === 1 ? "1 watch" : `${list.length} watches`}</Badge>
      <span className="muted">{rateText(rate)}</span>
      {stopped > 0 && <Badge tone="warning">{stopped} stopped</Badge>}
    </span>
  );
}
