import { useConnection } from "../app/context.ts";
import { preferences, setPreferences } from "../app/preferences.ts";
import { go } from "../app/route.ts";
import { protocolTitle, titleOfId } from "../connect/describe.ts";
import { openConnectDialog } from "../connect/dialogs.ts";
import { parseEndpoint } from "../store/endpoint.ts";
import { setSignedIn } from "../store/tokens.ts";
import { Badge, Button, useCell } from "../ui/index.ts";

/** Endpoints that were connected to, each of which can be forgotten. */
export function EndpointsCard() {
  const { endpoints } = useCell(preferences);
  const { id: current } = useConnection();
  const forget = (id: string): void => {
    setSignedIn(id, undefined);
    setPreferences({ endpoints: endpoints.filter((one) => one !== id) });
  };
  return (
    <section className="card" aria-label="Known endpoints">
      <div className="row">
        <h2 className="grow">Known endpoints</h2>
        <Button small onClick={() => openConnectDialog()}>
          Connect to a server…
        </Button>
      </div>
      <p className="muted">
        Only addresses are remembered; users, passwords and tokens are forgotten when the page closes.
      </p>
      <ul className="settings-list">
        {endpoints.map((id) => (
          <li key={id}>
            <span className="grow settings-name">
              <strong>{titleOfId(id)}</strong> <span className="muted">{kindOf(id)}</span>
            </span>
            {id === current ? (
              <Badge tone="info">open now</Badge>
            ) : (
              <>
                <Button
                  small
                  aria-label={`Open ${titleOfId(id)}`}
                  onClick={() => go({ connection: id, key: undefined, revision: undefined })}
                >
                  Open
                </Button>
                <Button small aria-label={`Forget ${titleOfId(id)}`} onClick={() => forget(id)}>
                  Forget
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function kindOf(id: string): string {
  const endpoint = parseEndpoint(id);
  return endpoint === undefined ? "not an endpoint" : protocolTitle(endpoint);
}
