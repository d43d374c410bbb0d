import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, IconButton } from "../ui/index.ts";
import { toRevision } from "./steps.ts";
import type { Travel } from "./useTravel.ts";

/** While the slider moves, the page goes where it has stopped for so long. */
const SETTLE_MS = 150;

/** A slider over the revisions that can be read, steps, a number, and the way back to now. */
export function TimeControls({ travel }: { readonly travel: Travel }) {
  const { revision, oldest, latest } = travel;
  const [draft, setDraft] = useState<number>();
  const shown = draft ?? revision ?? latest;
  const isPast = revision !== undefined;
  useSettled(draft, () => {
    if (draft !== undefined) travel.to(toRevision(draft, travel));
    setDraft(undefined);
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame of its own
    <div
      className="travel"
      role="group"
      aria-label="Revision shown"
      data-past={isPast}
      data-known={latest > 0}
      onPointerEnter={travel.refresh}
    >
      <IconButton label="Revision before" small onClick={travel.back} disabled={shown <= oldest}>
        <ChevronLeft />
      </IconButton>
      <input
        type="range"
        className="travel-slider"
        aria-label="Revision"
        aria-valuetext={isPast || draft !== undefined ? `Revision ${shown} of ${latest}` : `Now, revision ${latest}`}
        min={Math.min(oldest, latest)}
        max={latest}
        value={shown}
        disabled={latest <= oldest}
        onFocus={travel.refresh}
        onChange={(event) => setDraft(Number(event.target.value))}
      />
      <IconButton label="Revision after" small onClick={travel.forward} disabled={!isPast}>
        <ChevronRight />
      </IconButton>
      <RevisionField shown={shown} latest={latest} onEnter={(entered) => travel.to(toRevision(entered, travel))} />
      <Button small tone={isPast ? "primary" : "plain"} disabled={!isPast} onClick={() => travel.to(undefined)}>
        Now
      </Button>
    </div>
  );
}

interface RevisionFieldProps {
  readonly shown: number;
  readonly latest: number;
  readonly onEnter: (revision: number) => void;
}

/** The revision as a number that can be typed over; it counts when it is entered or left. */
function RevisionField({ shown, latest, onEnter }: RevisionFieldProps) {
  const [typed, setTyped] = useState<string>();
  const enter = (): void => {
    if (typed !== undefined && /^\d+$/.test(typed.trim())) onEnter(Number(typed));
    setTyped(undefined);
  };
  return (
    <span className="travel-number">
      <input
        className="input"
        inputMode="numeric"
        aria-label="Revision number"
        style={{ width: `${Math.max(4, String(latest).length) + 2.5}ch` }}
        value={typed ?? shown}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={enter}
        onKeyDown={(event) => {
          if (event.key === "Enter") enter();
          if (event.key === "Escape") setTyped(undefined);
        }}
      />
      <span className="travel-latest">of {latest}</span>
    </span>
  );
}

/** Runs when a value has been what it is for a moment; not for undefined. */
function useSettled(value: number | undefined, run: () => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (value === undefined) return;
    const timer = setTimeout(() => latest.current(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
}
