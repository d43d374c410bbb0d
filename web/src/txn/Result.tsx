import type { ConnectError } from "@connectrpc/connect";
import type { RequestOp, ResponseOp, TxnRequest, TxnResponse } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import type { KeyValue } from "../../../src/gen/mvccpb/kv_pb.ts";
import { go, linkTo } from "../app/route.ts";
import { toText } from "../console/language/gostring.ts";
import { formatOp } from "../console/language/txntext.ts";
import { toDisplay } from "../store/bytes.ts";
import { Badge, Banner, KeyText } from "../ui/index.ts";

/** How a run ended. */
export type Outcome =
  | { readonly request: TxnRequest; readonly response: TxnResponse }
  | { readonly request: TxnRequest; readonly error: ConnectError };

export function Result({ outcome }: { readonly outcome: Outcome }) {
  if ("error" in outcome) {
    return (
      <Banner tone="danger" title="The server refused the transaction; nothing was done.">
        {outcome.error.rawMessage}
      </Banner>
    );
  }
  const { request, response } = outcome;
  return (
    <section className="card" aria-label="Result" aria-live="polite">
      <div className="row row-wrap">
        <h2>Result</h2>
        <Badge tone={response.succeeded ? "success" : "warning"}>
          {response.succeeded ? "Succeeded: Then ran" : "Failed: Else ran"}
        </Badge>
        <span className="muted">revision {(response.header?.revision ?? 0n).toString()}</span>
      </div>
      <Responses request={request} response={response} />
    </section>
  );
}

function Responses({ request, response }: { readonly request: TxnRequest; readonly response: TxnResponse }) {
  const ops = response.succeeded ? request.success : request.failure;
  if (response.responses.length === 0) return <p className="muted">Nothing was to be done.</p>;
  return (
    <ol className="txn-responses">
      {response.responses.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: responses have no other identity
        <li key={at}>
          <OneResponse op={ops[at]} response={one} />
        </li>
      ))}
    </ol>
  );
}

function OneResponse({ op, response }: { readonly op: RequestOp | undefined; readonly response: ResponseOp }) {
  const { response: one } = response;
  const asked = op === undefined ? "" : toText(formatOp(op)[0] ?? "");
  return (
    <>
      <code className="txn-asked">{asked.replace(/ \{$/, "")}</code>
      {one.case === "responsePut" && (
        <KeyValues title="OK" kvs={one.value.prevKv === undefined ? [] : [one.value.prevKv]} />
      )}
      {one.case === "responseRange" && (
        <KeyValues
          title={`${one.value.count} found${one.value.more ? ", more were left out" : ""}`}
          kvs={one.value.kvs}
        />
      )}
      {one.case === "responseDeleteRange" && (
        <KeyValues title={`${one.value.deleted} deleted`} kvs={one.value.prevKvs} />
      )}
      {one.case === "responseTxn" && op?.request.case === "requestTxn" && (
        <>
          <Badge>{one.value.succeeded ? "Then ran" : "Else ran"}</Badge>
          <Responses request={op.request.value} response={one.value} />
        </>
      )}
    </>
  );
}

const SHOWN_KEYS = 100;
const SHOWN_BYTES = 400;

function KeyValues({ title, kvs }: { readonly title: string; readonly kvs: readonly KeyValue[] }) {
  return (
    <>
      <div className="muted">{title}</div>
      {kvs.length > 0 && (
        <div className="txn-table">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Value</th>
                <th scope="col" className="number">
                  Mod revision
                </th>
                <th scope="col" className="number">
                  Version
                </th>
              </tr>
            </thead>
            <tbody>
              {kvs.slice(0, SHOWN_KEYS).map((kv) => (
                <tr key={kv.key.toString()}>
                  <td>
                    <KeyLink bytes={kv.key} />
                  </td>
                  <td className="mono txn-value">{valueText(kv.value)}</td>
                  <td className="number">{kv.modRevision.toString()}</td>
                  <td className="number">{kv.version.toString()}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {kvs.length > SHOWN_KEYS && <p className="muted">… and {kvs.length - SHOWN_KEYS} more</p>}
        </div>
      )}
    </>
  );
}

function KeyLink({ bytes }: { readonly bytes: Uint8Array }) {
  const target = { screen: "keys", key: bytes, tab: "value" } as const;
  return (
    <a
      href={linkTo(target)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(target);
      }}
    >
      <KeyText bytes={bytes} />
    </a>
  );
}

function valueText(value: Uint8Array): string {
  if (value.length <= SHOWN_BYTES) return toDisplay(value);
  return `${toDisplay(value.subarray(0, SHOWN_BYTES))}… ${value.length - SHOWN_BYTES} more bytes`;
}
