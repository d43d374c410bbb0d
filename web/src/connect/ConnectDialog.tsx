import { CircleCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { formatEndpoint, parseEndpoint } from "../store/endpoint.ts";
import { setSignedIn } from "../store/tokens.ts";
import { Banner, Button, Dialog, SelectField, TextField } from "../ui/index.ts";
import { readServerUrl } from "./describe.ts";
import { ExplanationText } from "./ExplanationText.tsx";
import { type Explanation, explainConnectionError, type ServerEndpoint } from "./explain.ts";
import { probeServer } from "./probe.ts";
import { NoAuthError, type Tested, testServer } from "./signin.ts";

type Outcome =
  | { readonly kind: "testing" }
  | { readonly kind: "works"; readonly tested: Tested }
  | { readonly kind: "failed"; readonly explanation: Explanation };

interface Fields {
  readonly url: string;
  readonly protocol: ServerEndpoint["protocol"];
  readonly user: string;
  readonly password: string;
}

interface Props {
  readonly initialId: string | undefined;
  readonly onClose: () => void;
}

/** Asks for a server, and switches to it once it has answered. */
export default function ConnectDialog({ initialId, onClose }: Props) {
  const connection = useConnection();
  const [fields, setFields] = useState(() => initialFields(initialId));
  const [outcome, setOutcome] = useState<Outcome>();
  const url = readServerUrl(fields.url);
  const change = (next: Partial<Fields>): void => {
    setFields({ ...fields, ...next });
    setOutcome(undefined);
  };
  const test = async (): Promise<Tested | undefined> => {
    if (url === undefined) return undefined;
    setOutcome({ kind: "testing" });
    const result = await tryServer({ url, protocol: fields.protocol }, fields);
    setOutcome(result);
    return result.kind === "works" ? result.tested : undefined;
  };
  const connect = async (): Promise<void> => {
    const tested = await test();
    if (tested === undefined || url === undefined) return;
    const id = formatEndpoint({ kind: "server", url, protocol: fields.protocol });
    if (tested.who !== undefined) setSignedIn(id, tested.who);
    onClose();
    if (id === connection.id) void connection.check();
    else go({ connection: id, key: undefined, revision: undefined });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void connect();
  };
  const busy = outcome?.kind === "testing";
  return (
    <Dialog
      open
      onClose={onClose}
      title="Connect to a server"
      description="An etcdlite, or an etcd behind a gRPC-Web proxy. It is asked for its status before the page switches to it."
      actions={
        <>
          <Button disabled={url === undefined || busy} onClick={() => void test()}>
            Test
          </Button>
          <Button tone="primary" disabled={url === undefined || busy} onClick={() => void connect()}>
            {busy ? "Asking…" : "Connect"}
          </Button>
        </>
      }
    >
      <form onSubmit={submit}>
        <ServerFields fields={fields} change={change} valid={url !== undefined || fields.url === ""} />
        <button type="submit" hidden />
      </form>
      <OutcomeText outcome={outcome} onTry={(tryUrl) => change({ url: tryUrl })} />
    </Dialog>
  );
}

interface ServerFieldsProps {
  readonly fields: Fields;
  readonly change: (next: Partial<Fields>) => void;
  readonly valid: boolean;
}

function ServerFields({ fields, change, valid }: ServerFieldsProps) {
  return (
    <>
      <TextField
        label="URL"
        value={fields.url}
        onChange={(url) => change({ url })}
        placeholder="http://127.0.0.1:2379"
        error={valid ? undefined : "Not an http or https URL"}
        autoFocus
        mono
      />
      <SelectField
        label="Protocol"
        value={fields.protocol}
        onChange={(protocol) => change({ protocol })}
        options={[
          { value: "grpc-web", label: "gRPC-Web" },
          { value: "connect", label: "Connect" },
        ]}
      />
      <div className="connect-user">
        <TextField
          label="User"
          value={fields.user}
          onChange={(user) => change({ user })}
          hint="Only where auth is on"
        />
        <TextField
          label="Password"
          type="password"
          value={fields.password}
          onChange={(password) => change({ password })}
          hint="Forgotten when the page closes"
        />
      </div>
    </>
  );
}

function OutcomeText({ outcome, onTry }: { readonly outcome?: Outcome; readonly onTry: (url: string) => void }) {
  return (
    <div aria-live="polite" className="connect-outcome">
      {outcome?.kind === "works" && (
        <p className="connect-works">
          <CircleCheck aria-hidden />
          {outcome.tested.version === undefined ? "The server answers." : `etcd ${outcome.tested.version} answers.`}
          {outcome.tested.who !== undefined && ` Signed in as ${outcome.tested.who.user}.`}
        </p>
      )}
      {outcome?.kind === "failed" && (
        <Banner tone="danger" title={outcome.explanation.title}>
          <ExplanationText explanation={outcome.explanation} onTry={onTry} />
        </Banner>
      )}
    </div>
  );
}

async function tryServer(endpoint: ServerEndpoint, { user, password }: Fields): Promise<Outcome> {
  try {
    return { kind: "works", tested: await testServer(endpoint, user, password) };
  } catch (error) {
    if (error instanceof NoAuthError) {
      return { kind: "failed", explanation: { cause: "auth", title: "No sign-in here", detail: error.message } };
    }
    const probe = await probeServer(endpoint.url);
    return { kind: "failed", explanation: explainConnectionError(error, endpoint, location.href, probe) };
  }
}

function initialFields(id: string | undefined): Fields {
  const endpoint = id === undefined ? undefined : parseEndpoint(id);
  const empty: Fields = { url: "", protocol: "grpc-web", user: "", password: "" };
  return endpoint?.kind === "server" ? { ...empty, url: endpoint.url, protocol: endpoint.protocol } : empty;
}
