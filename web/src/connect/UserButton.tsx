import { LogIn, LogOut, UserRound } from "lucide-react";
import { lazy, Suspense } from "react";
import { useAction } from "../app/actions.ts";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { Menu, useCell } from "../ui/index.ts";

const SignInDialog = lazy(() => import("./SignInDialog.tsx"));

/** Who is signed in, and the way to be somebody else, or nobody. */
export function UserButton() {
  const connection = useConnection();
  const { session } = connection;
  const user = useCell(session.user);
  const isAsking = useCell(session.asking);
  const signIn = (): void => session.ask();
  const signOut = (): void => connection.signOut();
  useAction({ id: "store.signin", title: "Sign in…", group: "Store", run: signIn });
  useAction({ id: "store.signout", title: "Sign out", group: "Store", run: signOut }, user !== undefined);
  return (
    <>
      {user !== undefined && (
        <Menu
          trigger={
            <button type="button" className="connect-button connect-who" aria-label={`Signed in as ${user}`}>
              <UserRound aria-hidden />
              <span className="connect-title">{user}</span>
            </button>
          }
          items={[
            { label: <span className="connect-note">Signed in as {user}</span>, disabled: true, onSelect() {} },
            "separator",
            { label: "Users and roles", icon: <UserRound />, onSelect: () => go({ screen: "users" }) },
            { label: "Sign in as another user…", icon: <LogIn />, onSelect: signIn },
            { label: "Sign out", icon: <LogOut />, onSelect: signOut },
          ]}
        />
      )}
      <Suspense>{isAsking && <SignInDialog connection={connection} />}</Suspense>
    </>
  );
}
