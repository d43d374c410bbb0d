import { create } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { ChevronDown, Copy, Play } from "lucide-react";
import { useState } from "react";
import { TxnRequestSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { useConnection } from "../app/context.ts";
import { useRoute } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { isBeyondEtcdctl } from "../console/language/txntext.ts";
import { snippetsOf } from "../snippets/index.ts";
import { Banner, Button, Menu, TextField, useCell } from "../ui/index.ts";
import { Builder } from "./Builder.tsx";
import { draft, draftOfRequest, draftOfText } from "./draft.ts";
import { EXAMPLES } from "./examples.ts";
import { type Outcome, Result } from "./Result.tsx";
import "./txn.css";

/** If/Then/Else as rows and as etcdctl's text, each made from the other; run as one transaction. */
export default function TxnScreen() {
  const { clients } = useConnection();
  const { revision } = useRoute();
  const { request, text, error } = useCell(draft);
  const [outcome, setOutcome] = useState<Outcome>();
  const [running, setRunning] = useState(false);
  const run = async (): Promise<void> => {
    setRunning(true);
    try {
      setOutcome({ request, response: await clients.kv.txn(request) });
    } catch (cause) {
      setOutcome({ request, error: ConnectError.from(cause) });
    } finally {
      setRunning(false);
    }
  };
  return (
    <div className="screen">
      <div className="screen-inner">
        <div className="txn-head">
          <h1>Transaction</h1>
          <ExamplesMenu />
          <CopyMenu />
          <Button
            tone="primary"
            icon={<Play />}
            disabled={running || error !== undefined || revision !== undefined}
            onClick={() => void run()}
          >
            Run
          </Button>
        </div>
        {revision !== undefined && (
          <Banner title="The past is read-only.">
            Go back to the present to run this: a transaction applies to the store as it is now.
          </Banner>
        )}
        {outcome !== undefined && <Result outcome={outcome} />}
        <div className="txn-both">
          <div className={error === undefined ? "txn-side" : "txn-side txn-stale"}>
            {error !== undefined && (
              <Banner tone="warning">
                The rows show the last text that could be read; changing one replaces the text.
              </Banner>
            )}
            <Builder request={request} onChange={(next) => draft.set(draftOfRequest(next))} />
          </div>
          <div className="txn-side">
            <TextField
              mono
              label="As etcdctl’s text"
              rows={18}
              value={text}
              hint={
                isBeyondEtcdctl(request)
                  ? "etcdctl itself takes no compare of a range or a lease and no txn within; this console does."
                  : "Three parts, an empty line after each: etcdctl txn takes it as it is."
              }
              error={error === undefined ? undefined : `Line ${error.line}: ${error.message}`}
              onChange={(next) => draft.set(draftOfText(next, request))}
            />
          </div>
        </div>
      </div>
    </div>
  );
}

function ExamplesMenu() {
  const items = EXAMPLES.map((example) => ({
    label: (
      <span className="txn-example">
        {example.title}
        <span className="txn-example-hint">{example.hint}</span>
      </span>
    ),
    onSelect: () => draft.set(draftOfText(example.text, draft.value.request)),
  }));
  const empty = { label: "Empty", onSelect: () => draft.set(draftOfRequest(create(TxnRequestSchema))) };
  return <Menu trigger={<Button icon={<ChevronDown />}>Examples</Button>} items={[...items, "separator", empty]} />;
}

function CopyMenu() {
  const connection = useConnection();
  const { request } = useCell(draft);
  const copy = async (label: string, text: string): Promise<void> => {
    await navigator.clipboard.writeText(text);
    toast({ title: `Copied as ${label}` });
  };
  const snippets = snippetsOf(connection, "etcdserverpb.KV/Txn", request);
  const items = snippets.map(({ label, text }) => ({ label, onSelect: () => void copy(label, text) }));
  return <Menu trigger={<Button icon={<Copy />}>Copy as</Button>} items={items} />;
}
