import { Columns2, Plus, X } from "lucide-react";
import { useNow } from "../live/index.ts";
import { Button, IconButton, useCell } from "../ui/index.ts";
import { useWatches } from "./context.ts";
import { PhaseDot } from "./PhaseDot.tsx";
import { rateText } from "./rate.ts";
import { rangeText } from "./spec.ts";
import type { WatchSession } from "./watchsession.ts";
import { PHASE_WORDS } from "./words.ts";

interface WatchListProps {
  readonly list: readonly WatchSession[];
  readonly open: readonly number[];
  readonly onAdd: () => void;
}

export function WatchList({ list, open, onAdd }: WatchListProps) {
  return (
    <nav className="watch-list" aria-label="Watches">
      <ul>
        {list.map((session) => (
          <WatchItem key={session.id} session={session} isOpen={open.includes(session.id)} isOnly={list.length === 1} />
        ))}
      </ul>
      <Button small icon={<Plus aria-hidden />} onClick={onAdd}>
        Add a watch
      </Button>
    </nav>
  );
}

interface WatchItemProps {
  readonly session: WatchSession;
  readonly isOpen: boolean;
  readonly isOnly: boolean;
}

function WatchItem({ session, isOpen, isOnly }: WatchItemProps) {
  const watches = useWatches();
  const nowMs = useNow();
  const { phase } = useCell(session.watch.state);
  const isPaused = useCell(session.paused);
  const name = session.spec.label ?? rangeText(session.spec);
  return (
    <li className="watch-item" data-open={isOpen}>
      <button type="button" className="watch-item-name" aria-pressed={isOpen} onClick={() => watches.show(session.id)}>
        <span className="watch-item-range mono" title={name}>
          {name}
        </span>
        <span className="watch-item-note">
          <PhaseDot phase={isPaused ? "paused" : phase} />
          {isPaused ? "paused" : PHASE_WORDS[phase]} · {rateText(session.rate.perSecond(nowMs))}
        </span>
      </button>
      {!isOnly && (
        <IconButton
          small
          label={isOpen ? `Do not show ${name} beside` : `Show ${name} beside`}
          className="button-icon"
          aria-pressed={isOpen}
          onClick={() => watches.toggleBeside(session.id)}
        >
          <Columns2 />
        </IconButton>
      )}
      <IconButton small label={`End the watch of ${name}`} onClick={() => watches.remove(session.id)}>
        <X />
      </IconButton>
    </li>
  );
}
