import { useMemo } from "react";
import { useConnection } from "../app/context.ts";
import { go, linkTo, useRoute } from "../app/route.ts";
import { ConsoleView, type KeyLinks } from "./ConsoleView.tsx";
import { sessionFor } from "./session/held.ts";

/** The console in the dock: etcdctl on the store that the page shows. */
export default function ConsolePanel() {
  const connection = useConnection();
  const { revision } = useRoute();
  const { session, history, clients } = sessionFor(connection);
  const links = useMemo<KeyLinks>(
    () => ({
      href: (key) => linkTo({ screen: "keys", key, tab: "value" }),
      go: (key) => go({ screen: "keys", key, tab: "value" }),
    }),
    [],
  );
  return (
    <ConsoleView
      session={session}
      history={history}
      clients={clients}
      links={links}
      note={revision === undefined ? undefined : "Commands run on the store as it is now, not at the revision shown."}
    />
  );
}
