import { useState } from "react";
import { DEFAULT_PREFERENCES, preferences, setPreferences } from "../app/preferences.ts";
import { toast } from "../app/toasts.ts";
import { Button, Confirm } from "../ui/index.ts";

/** Preferences as they were at first; stores and known endpoints stay. */
export function ResetCard() {
  const [asking, setAsking] = useState(false);
  const reset = (): void => {
    const before = preferences.value;
    const { endpoints, welcomed } = before;
    setPreferences({ ...DEFAULT_PREFERENCES, endpoints, welcomed });
    toast({
      tone: "success",
      title: "Preferences reset",
      action: { label: "Undo", run: () => setPreferences(before) },
    });
  };
  return (
    <section className="card" aria-label="Reset">
      <h2>Reset</h2>
      <p className="muted">
        Theme, list, delimiter and sizes of panels as they were at first. Stores and endpoints stay.
      </p>
      <div className="row">
        <Button onClick={() => setAsking(true)}>Reset preferences…</Button>
      </div>
      <Confirm open={asking} onClose={() => setAsking(false)} title="Reset preferences?" verb="Reset" onConfirm={reset}>
        <p>Nothing in any store changes.</p>
      </Confirm>
    </section>
  );
}
