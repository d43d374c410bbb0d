import { ConnectError } from "@connectrpc/connect";
import { EllipsisVertical, Plus, Users } from "lucide-react";
import { useState } from "react";
import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import {
  ActionsHeading,
  Badge,
  Banner,
  Button,
  EmptyState,
  IconButton,
  Menu,
  TextField,
  useCell,
} from "../ui/index.ts";
import { authOf } from "./auth.ts";
import type { AuthState, User } from "./authbook.ts";
import { askPassword, notePassword, type PasswordKind, passwordsOf } from "./passwords.ts";
import type { OnTask } from "./tasks.ts";

interface UsersCardProps {
  readonly state: AuthState & { readonly kind: "all" };
  readonly onTask: OnTask;
}

const PAGE = 100;
/** From so many on one looks for a user rather than at all of them. */
const SEARCHED = 10;

export function UsersCard({ state, onTask }: UsersCardProps) {
  const { users, enabled } = state;
  const [text, setText] = useState("");
  const [limit, setLimit] = useState(PAGE);
  const found = users.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
  return (
    <section className="card" aria-label="Users">
      <div className="row row-wrap">
        <h2 className="grow">Users{users.length > 0 && ` (${users.length.toLocaleString("en")})`}</h2>
        {enabled && <PasswordCheck users={found.slice(0, limit)} />}
        <Button icon={<Plus aria-hidden />} onClick={() => onTask({ kind: "add-user" })}>
          Add a user
        </Button>
      </div>
      {users.length > SEARCHED && (
        <TextField label="Find a user" value={text} onChange={setText} placeholder="Part of the name" />
      )}
      {users.length === 0 && (
        <EmptyState icon={<Users aria-hidden />} title="No users">
          Authentication needs one of the name root, who has the role root: turning it on makes it.
        </EmptyState>
      )}
      {found.length > 0 && (
        <table className="table users-table">
          <caption className="visually-hidden">Users</caption>
          <thead>
            <tr>
              <th scope="col">User</th>
              <th scope="col">Roles</th>
              <ActionsHeading />
            </tr>
          </thead>
          <tbody>
            {found.slice(0, limit).map((user) => (
              <UserRow key={user.name} user={user} onTask={onTask} />
            ))}
          </tbody>
        </table>
      )}
      {users.length > 0 && found.length === 0 && <p className="muted">No user has this in the name.</p>}
      {found.length > limit && (
        <div className="row">
          <span className="muted">
            {limit} of {found.length.toLocaleString("en")} users are shown.
          </span>
          <Button onClick={() => setLimit(limit + PAGE)}>Show {PAGE} more</Button>
        </div>
      )}
    </section>
  );
}

const KINDS: Record<PasswordKind, { readonly tone: "neutral" | "info" | "danger"; readonly text: string }> = {
  password: { tone: "neutral", text: "password" },
  certificate: { tone: "info", text: "certificate only" },
  empty: { tone: "danger", text: "empty password" },
};

function UserRow({ user, onTask }: { readonly user: User; readonly onTask: OnTask }) {
  const connection = useConnection();
  const self = useCell(connection.session.user);
  const kind = useCell(passwordsOf(connection)).get(user.name);
  const { name, roles } = user;
  return (
    <tr>
      <th scope="row">
        <span className="users-name">
          {name}
          {name === self && <Badge tone="success">you</Badge>}
          {kind !== undefined && <Badge tone={KINDS[kind].tone}>{KINDS[kind].text}</Badge>}
        </span>
      </th>
      <td>
        <span className="users-badges">
          {roles.length === 0 && <span className="muted">none</span>}
          {roles.map((role) => (
            <Badge key={role} tone={role === "root" ? "warning" : "neutral"}>
              {role}
            </Badge>
          ))}
        </span>
      </td>
      <td className="users-actions">
        <Menu
          trigger={
            <IconButton small label={`Actions for the user ${name}`} tip={false}>
              <EllipsisVertical />
            </IconButton>
          }
          items={[
            { label: "Roles…", onSelect: () => onTask({ kind: "roles", user: name }) },
            { label: "Change password…", onSelect: () => onTask({ kind: "password", user: name }) },
            "separator",
            { label: "Delete…", danger: true, onSelect: () => onTask({ kind: "delete-user", user: name }) },
          ]}
        />
      </td>
    </tr>
  );
}

/** Which users have a password is only told to whom asks for each of them. */
function PasswordCheck({ users }: { readonly users: readonly User[] }) {
  const connection = useConnection();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const check = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      for (const { name } of users) notePassword(connection, name, await askPassword(authOf(connection), name));
    } catch (error) {
      setFailure(ConnectError.from(error).rawMessage);
    }
    setBusy(false);
  };
  useAction({ id: "users.passwords", title: "Who has a password?", group: "Users", run: () => void check() }, !isBusy);
  return (
    <>
      <Button
        disabled={isBusy || users.length === 0}
        title="Tries to sign in as each of them without a password, which the server notes in its log"
        onClick={() => void check()}
      >
        {isBusy ? "Checking…" : "Who has a password?"}
      </Button>
      {failure !== undefined && <Banner tone="danger">{failure}</Banner>}
    </>
  );
}
