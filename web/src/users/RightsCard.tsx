import { CircleCheck, CircleX } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { useAction } from "../app/actions.ts";
import { fromDisplay, mapKey } from "../store/bytes.ts";
import { SelectField, TextField } from "../ui/index.ts";
import type { User } from "./authbook.ts";
import { givers, mergedRights, type Rights, ROOT_ROLE, type Role, rangeOf } from "./permissions.ts";
import { RangeText } from "./ranges.tsx";

interface RightsCardProps {
  readonly users: readonly User[];
  /** Those of the users at least. */
  readonly roles: readonly Role[];
}

/** What a user may do, all roles together, and whether that is so for a key. */
export function RightsCard({ users, roles }: RightsCardProps) {
  const [chosen, setChosen] = useState("");
  const [key, setKey] = useState("");
  const keyInput = useRef<HTMLInputElement>(null);
  const focus = (): void => keyInput.current?.focus();
  useAction({ id: "users.rights", title: "What a user may do with a key", group: "Users", run: focus });
  const user = users.find(({ name }) => name === chosen) ?? users[0];
  const held = useMemo(() => {
    const names = user?.roles ?? [];
    return names.map((name) => roles.find((role) => role.name === name) ?? { name, permissions: [] });
  }, [user, roles]);
  const rights = useMemo(() => mergedRights(held), [held]);
  if (user === undefined) return null;
  return (
    <section className="card" aria-label="What a user may do">
      <h2>{users.length === 1 ? `What ${user.name} may do` : "What a user may do"}</h2>
      <div className="users-fields">
        {users.length > 1 && (
          <SelectField
            label="User"
            value={user.name}
            onChange={setChosen}
            options={users.map(({ name }) => ({ value: name, label: name }))}
          />
        )}
        <TextField
          label="Try a key"
          value={key}
          onChange={setKey}
          placeholder="/app/config"
          hint="\x00 and the like for bytes that are no text"
          inputRef={keyInput}
          mono
        />
      </div>
      {key !== "" && <Verdict user={user.name} roles={held} bytes={fromDisplay(key)} />}
      {user.roles.includes(ROOT_ROLE) ? (
        <p>{user.name} has the role root, and may do everything.</p>
      ) : rights.length === 0 ? (
        <p>
          {user.name} may read and write nothing:{" "}
          {user.roles.length === 0 ? "no role is" : "no permission of a role is"} granted.
        </p>
      ) : (
        <RightsTable rights={rights} />
      )}
    </section>
  );
}

interface VerdictProps {
  readonly user: string;
  readonly roles: readonly Role[];
  readonly bytes: Uint8Array;
}

function Verdict({ user, roles, bytes }: VerdictProps) {
  const { readBy, writeBy } = givers(roles, bytes);
  return (
    <ul className="users-verdict" aria-live="polite" aria-label={`What ${user} may do with this key`}>
      <Answer what="Read" by={readBy} />
      <Answer what="Write" by={writeBy} />
    </ul>
  );
}

function Answer({ what, by }: { readonly what: string; readonly by: readonly string[] }) {
  const isPermitted = by.length > 0;
  return (
    <li className={isPermitted ? "users-yes" : "users-no"}>
      {isPermitted ? <CircleCheck aria-hidden /> : <CircleX aria-hidden />}
      <span>
        {what}: <strong>{isPermitted ? "yes" : "no"}</strong>
        {isPermitted && `, by ${by.length === 1 ? "the role" : "the roles"} ${by.join(", ")}`}
      </span>
    </li>
  );
}

function RightsTable({ rights }: { readonly rights: readonly Rights[] }) {
  return (
    <table className="table users-table">
      <caption className="visually-hidden">What all roles permit together</caption>
      <thead>
        <tr>
          <th scope="col">Keys</th>
          <th scope="col">Read by</th>
          <th scope="col">Write by</th>
        </tr>
      </thead>
      <tbody>
        {rights.map((one) => (
          <tr key={mapKey(one.start)}>
            <th scope="row">
              <RangeText range={rangeOf(one)} />
            </th>
            <td>{one.readBy.join(", ") || <span className="muted">no</span>}</td>
            <td>{one.writeBy.join(", ") || <span className="muted">no</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
