import type { ConnectError } from "@connectrpc/connect";
import { useEffect, useState } from "react";
import { go } from "../app/route.ts";
import type { Connection } from "../store/connection.ts";
import { formatEndpoint } from "../store/endpoint.ts";
import { Banner, Button } from "../ui/index.ts";
import { openConnectDialog } from "./dialogs.ts";
import { ExplanationText } from "./ExplanationText.tsx";
import { explainConnectionError, type Probe } from "./explain.ts";
import { probeServer } from "./probe.ts";

interface Props {
  readonly connection: Connection;
  readonly error: ConnectError;
}

/** Names the cause of a failed connection, and the ways on. */
export default function FailureBanner({ connection, error }: Props) {
  const { endpoint } = connection;
  const probe = useProbe(endpoint.kind === "server" ? endpoint.url : "", `${error.code} ${error.rawMessage}`);
  if (endpoint.kind !== "server") return null;
  const explanation = explainConnectionError(error, endpoint, location.href, probe);
  const { protocol } = endpoint;
  return (
    <Banner
      tone="danger"
      title={explanation.title}
      actions={
        <>
          <Button small onClick={() => void connection.check()}>
            Try again
          </Button>
          <Button small onClick={() => openConnectDialog(connection.id)}>
            Change…
          </Button>
          <Button small onClick={() => go({ connection: "browser", key: undefined, revision: undefined })}>
            Use the store in this browser
          </Button>
        </>
      }
    >
      <ExplanationText
        explanation={explanation}
        onTry={(url) => go({ connection: formatEndpoint({ kind: "server", url, protocol }) })}
      />
    </Banner>
  );
}

/** Looks once for each kind of failure: the connection itself tries again every few seconds. */
function useProbe(url: string, failure: string): Probe | undefined {
  const [probe, setProbe] = useState<{ readonly of: string; readonly found: Probe }>();
  const of = `${url} ${failure}`;
  useEffect(() => {
    const abort = new AbortController();
    void probeServer(of.slice(0, of.indexOf(" ")), abort.signal).then((found) => {
      if (!abort.signal.aborted) setProbe({ of, found });
    });
    return () => abort.abort();
  }, [of]);
  return probe?.of === of ? probe.found : undefined;
}
