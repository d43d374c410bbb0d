import { ShieldOff } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useConnection } from "../app/context.ts";
import { Banner, Button, EmptyState, Spinner, useCell } from "../ui/index.ts";
import { AuthCard } from "./AuthCard.tsx";
import { authOf } from "./auth.ts";
import { AuthBook, type AuthState } from "./authbook.ts";
import { RightsCard } from "./RightsCard.tsx";
import { RolesCard } from "./RolesCard.tsx";
import { TaskDialogs } from "./TaskDialogs.tsx";
import type { Task } from "./tasks.ts";
import { UsersCard } from "./UsersCard.tsx";
import { useUserActions } from "./useUserActions.ts";
import "./users.css";

const REFRESH_EVERY_MS = 10_000;

/** Who may do what: users, their roles, and what these permit. */
export default function UsersScreen() {
  const connection = useConnection();
  const { session } = connection;
  const user = useCell(session.user);
  const book = useMemo(() => new AuthBook(authOf(connection), session), [connection, session]);
  const state = useCell(book.state);
  useRefreshing(book, user);
  return (
    <div className="screen">
      <div className="screen-inner">
        {state.kind === "all" ? <AllUsers book={book} state={state} /> : <Instead book={book} state={state} />}
      </div>
    </div>
  );
}

function AllUsers({ book, state }: { readonly book: AuthBook; readonly state: AuthState & { readonly kind: "all" } }) {
  const [task, setTask] = useState<Task>();
  useUserActions(state, setTask);
  return (
    <>
      <AuthCard isEnabled={state.enabled} onTask={setTask} />
      <UsersCard state={state} onTask={setTask} />
      <RolesCard state={state} onTask={setTask} />
      <RightsCard users={state.users} roles={state.roles} />
      {task !== undefined && <TaskDialogs task={task} state={state} book={book} onTask={setTask} />}
    </>
  );
}

/** Where not all can be shown: why, and what can. */
function Instead({ book, state }: { readonly book: AuthBook; readonly state: AuthState }) {
  const { session } = useConnection();
  switch (state.kind) {
    case "all":
      return null;
    case "loading":
      return <Spinner label="Reading the users" />;
    case "absent":
      return (
        <EmptyState icon={<ShieldOff aria-hidden />} title="This store has no users and roles">
          It knows no Auth service: whoever reaches it may do everything.
        </EmptyState>
      );
    case "nobody":
      return (
        <EmptyState
          icon={<ShieldOff aria-hidden />}
          title="Nobody is signed in"
          actions={
            <Button tone="primary" onClick={() => session.ask()}>
              Sign in…
            </Button>
          }
        >
          Authentication is on. Users and roles are shown to a user who has the role root; to another, what concerns
          that user.
        </EmptyState>
      );
    case "failed":
      return (
        <Banner
          tone="danger"
          title="The users could not be read"
          actions={
            <Button small onClick={() => void book.load()}>
              Try again
            </Button>
          }
        >
          {state.error.rawMessage}
        </Banner>
      );
    case "own":
      return (
        <>
          <Banner
            tone="info"
            title="Only a user who has the role root sees and changes users and roles"
            actions={
              <Button small onClick={() => session.ask()}>
                Sign in as another user…
              </Button>
            }
          >
            You are signed in as {state.user.name}, with {rolesText(state.user.roles)}.
          </Banner>
          <RightsCard users={[state.user]} roles={state.roles} />
        </>
      );
  }
}

function rolesText(roles: readonly string[]): string {
  if (roles.length === 0) return "no role";
  return `the ${roles.length === 1 ? "role" : "roles"} ${roles.join(", ")}`;
}

/** Anew for another user, and from time to time: others change users too. */
function useRefreshing(book: AuthBook, user: string | undefined): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another user may read something else
  useEffect(() => {
    void book.load();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void book.refresh();
    }, REFRESH_EVERY_MS);
    return () => clearInterval(timer);
  }, [book, user]);
}
