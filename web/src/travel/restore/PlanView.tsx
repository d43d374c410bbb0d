import { Minus, Pencil, Plus } from "lucide-react";
import { Banner, EmptyState, KeyText } from "../../ui/index.ts";
import type { RestorePlan, RestoreStep, StepKind } from "./plan.ts";

const KINDS: readonly StepKind[] = ["add", "change", "remove"];
const ICONS = { add: Plus, change: Pencil, remove: Minus };
const TITLES: Record<StepKind, string> = { add: "Added back", change: "Changed back", remove: "Removed" };
/** More than this nobody reads; the number of all is said. */
const SHOWN_KEYS = 200;

/** What a restore will add, change and remove, and what it cannot bring back. */
export function PlanView({ plan }: { readonly plan: RestorePlan }) {
  const { steps, unchanged, nowRevision } = plan;
  if (steps.length === 0) {
    return (
      <EmptyState title="Nothing to restore">
        All {unchanged.toLocaleString("en")} keys are as they were. Compared with revision {nowRevision}.
      </EmptyState>
    );
  }
  return (
    <>
      {KINDS.map((kind) => (
        <StepList key={kind} kind={kind} steps={steps.filter((step) => step.kind === kind)} />
      ))}
      <p className="muted">
        {unchanged.toLocaleString("en")} unchanged. Compared with revision {nowRevision}.
      </p>
      <Banner title="What does not come back">
        A key that is added back begins anew, with a new create revision and version 1; a changed one counts on. A lease
        that has ended stays ended. Keys that others change meanwhile are left alone and shown.
      </Banner>
    </>
  );
}

interface StepListProps {
  readonly kind: StepKind;
  readonly steps: readonly RestoreStep[];
}

function StepList({ kind, steps }: StepListProps) {
  if (steps.length === 0) return null;
  const Icon = ICONS[kind];
  return (
    <details className={`travel-steps travel-${kind}`} open>
      <summary>
        <Icon aria-hidden /> {TITLES[kind]}: {steps.length.toLocaleString("en")}
      </summary>
      <ul className="travel-keys">
        {steps.slice(0, SHOWN_KEYS).map((step) => (
          <li key={step.key.toString()}>
            <KeyText bytes={step.key} /> <span className="muted">{revisionsOf(step)}</span>
          </li>
        ))}
      </ul>
      {steps.length > SHOWN_KEYS && (
        <p className="muted">and {(steps.length - SHOWN_KEYS).toLocaleString("en")} more</p>
      )}
    </details>
  );
}

function revisionsOf({ kind, modRevision, thenModRevision }: RestoreStep): string {
  if (kind === "add") return `from revision ${thenModRevision}`;
  return kind === "remove" ? `now at revision ${modRevision}` : `${modRevision} → ${thenModRevision}`;
}
