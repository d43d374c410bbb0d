import { useNow } from "../live/index.ts";
import { useCell } from "../ui/index.ts";
import { isFiltering } from "./filter.ts";
import { PhaseDot } from "./PhaseDot.tsx";
import { rateText } from "./rate.ts";
import type { WatchSession } from "./watchsession.ts";
import { agoText, countText, PHASE_WORDS } from "./words.ts";

/** How a watch is: its state, its last sign of life, its rate and what it holds. */
export function WatchStatus({ session }: { readonly session: WatchSession }) {
  const nowMs = useNow();
  const { phase } = useCell(session.watch.state);
  const isPaused = useCell(session.paused);
  const filter = useCell(session.filter);
  const { lastResponseAtMs } = session.watch;
  const state = isPaused && (phase === "live" || phase === "stopped") ? "paused" : phase;
  return (
    <div className="watch-status">
      <span role="status" className="watch-state">
        <PhaseDot phase={state} />
        {state === "paused" ? "paused" : PHASE_WORDS[phase]}
      </span>
      <span title={lastResponseAtMs === 0 ? undefined : new Date(lastResponseAtMs).toLocaleString()}>
        last sign of life: {lastResponseAtMs === 0 ? "none yet" : agoText(lastResponseAtMs, nowMs)}
      </span>
      <span>{rateText(session.rate.perSecond(nowMs))}</span>
      <span>{countText(session.received)} received</span>
      {isPaused && <span>{countText(session.heldCount)} waiting</span>}
      {session.forgotten > 0 && <span>{countText(session.forgotten)} no longer kept</span>}
      {isFiltering(filter) && (
        <span>
          {countText(session.shown.length)} of {countText(session.kept.length)} shown
        </span>
      )}
    </div>
  );
}
