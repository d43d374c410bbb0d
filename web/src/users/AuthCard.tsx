import { useConnection } from "../app/context.ts";
import { Badge, Button, useCell } from "../ui/index.ts";
import type { OnTask } from "./tasks.ts";

/** Whether users and roles count at all. */
export function AuthCard({ isEnabled, onTask }: { readonly isEnabled: boolean; readonly onTask: OnTask }) {
  const user = useCell(useConnection().session.user);
  return (
    <section className="card" aria-label="Authentication">
      <div className="row">
        <h2 className="grow">Authentication</h2>
        <Badge tone={isEnabled ? "success" : "warning"}>{isEnabled ? "on" : "off"}</Badge>
      </div>
      <p>
        {isEnabled
          ? "Every call needs a user, and may do what the roles of this user permit."
          : "Whoever reaches this store may read and write everything. Users and roles can be prepared; they count once authentication is on."}
        {isEnabled && user !== undefined && ` You are signed in as ${user}.`}
      </p>
      <div className="row">
        {isEnabled ? (
          <Button tone="danger" onClick={() => onTask({ kind: "disable" })}>
            Turn off…
          </Button>
        ) : (
          <Button tone="primary" onClick={() => onTask({ kind: "enable" })}>
            Turn on…
          </Button>
        )}
      </div>
    </section>
  );
}
