import type { ConnectError } from "@connectrpc/connect";
import { ShieldOff } from "lucide-react";
import { useConnection } from "../app/context.ts";
import { go, linkTo, type Route } from "../app/route.ts";
import { kindOfRange } from "../console/language/ranges.ts";
import { useLoaded } from "../status/useLoaded.ts";
import { mapKey } from "../store/bytes.ts";
import { Banner, Button, KeyText, Spinner, useCell } from "../ui/index.ts";
import { authOf } from "./auth.ts";
import { mergedRights, prefixesOf, type Rights, ROOT_ROLE, rangeOf } from "./permissions.ts";
import { RangeText } from "./ranges.tsx";
import "./users.css";

interface PermittedKeysProps {
  readonly error: ConnectError;
  readonly onRetry: () => void;
}

/** In place of keys that the user may not list: those that may be read, to begin with. */
export default function PermittedKeys({ error, onRetry }: PermittedKeysProps) {
  const connection = useConnection();
  const user = useCell(connection.session.user);
  return (
    <div className="empty">
      <ShieldOff aria-hidden />
      <h2>{user === undefined ? "These keys may not be listed" : `${user} may not list these keys`}</h2>
      <p>The store says: {error.rawMessage}.</p>
      {user !== undefined && <StartingPoints key={user} user={user} />}
      <div className="empty-actions">
        <Button onClick={onRetry}>Try again</Button>
        <Button onClick={() => connection.session.ask()}>Sign in as another user…</Button>
      </div>
    </div>
  );
}

/** Every user may read what their own roles are, and what these permit. */
function StartingPoints({ user }: { readonly user: string }) {
  const connection = useConnection();
  const loaded = useLoaded(async (signal) => {
    const auth = authOf(connection);
    const { roles } = await auth.userGet({ name: user }, { signal });
    const named = roles.filter((name) => name !== ROOT_ROLE);
    const read = async (name: string) => {
      const { perm } = await auth.roleGet({ role: name }, { signal });
      return { name, permissions: perm };
    };
    return mergedRights(await Promise.all(named.map(read))).filter(({ readBy }) => readBy.length > 0);
  }, user);
  if (loaded.error !== undefined)
    return (
      <Banner tone="warning">
        What {user} may read is not told: {loaded.error}
      </Banner>
    );
  if (loaded.value === undefined) return <Spinner label="Reading what is permitted" />;
  if (loaded.value.length === 0) return <p>No role of {user} permits to read any key.</p>;
  return (
    <>
      <p>These may be read:</p>
      <ul className="users-permitted" aria-label={`What ${user} may read`}>
        {loaded.value.map((rights) => (
          <li key={mapKey(rights.start)}>
            <Permitted rights={rights} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** A list is by prefix: a range is as many as it is made of, if these are few. */
const MOST_PREFIXES = 8;

function Permitted({ rights }: { readonly rights: Rights }) {
  const range = rangeOf(rights);
  const kind = kindOfRange(range);
  if (kind === "single") return <Place to={{ key: range.key, tab: "value" }} bytes={range.key} what="the key" />;
  const prefixes = prefixesOf(rights, MOST_PREFIXES);
  if (prefixes === undefined) return <RangeText range={range} />;
  return prefixes.map((prefix) => (
    <Place key={mapKey(prefix)} to={{ query: prefix }} bytes={prefix} what="all under" />
  ));
}

interface PlaceProps {
  readonly to: Partial<Route>;
  readonly bytes: Uint8Array;
  readonly what: string;
}

function Place({ to, bytes, what }: PlaceProps) {
  return (
    <a
      className="button button-plain"
      href={linkTo(to)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      <span className="muted">{what}</span> <KeyText bytes={bytes} />
    </a>
  );
}
