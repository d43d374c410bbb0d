import { toJson } from "@bufbuild/protobuf";
import { useEffect, useMemo, useState } from "react";
import { RangeResponseSchema } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { useConnection } from "../app/context.ts";
import { errorText } from "../deletion/words.ts";
import { snippetsOf } from "../snippets/index.ts";
import { Banner, CopyButton, SelectField, Spinner, useCell } from "../ui/index.ts";
import { getRequest, RAW_LABELS, type RawKind, rawKinds, rawRequest } from "./rawrequests.ts";
import type { KeyRecord } from "./record.ts";

interface RawTabProps {
  readonly keyBytes: Uint8Array;
  readonly revision: number | undefined;
  readonly record: KeyRecord | undefined;
}

/** The calls behind the page: what to type or write to make them oneself, and what the store answers. */
export default function RawTab({ keyBytes, revision, record }: RawTabProps) {
  const connection = useConnection();
  const user = useCell(connection.session.user);
  const [chosen, setChosen] = useState<RawKind>("get");
  const [language, setLanguage] = useState("etcdctl");
  const kinds = rawKinds(record);
  const kind = kinds.includes(chosen) ? chosen : "get";
  // biome-ignore lint/correctness/useExhaustiveDependencies: the snippets say whose they are
  const snippets = useMemo(() => {
    const { method, request } = rawRequest(kind, keyBytes, record, revision);
    return snippetsOf(connection, method, request);
  }, [kind, keyBytes, record, revision, connection, user]);
  const snippet = snippets.find(({ label }) => label === language) ?? snippets[0];
  return (
    <div className="detail-raw">
      <div className="detail-bar detail-bar-plain">
        <SelectField
          label="Request"
          bare
          value={kind}
          options={kinds.map((value) => ({ value, label: RAW_LABELS[value] }))}
          onChange={setChosen}
        />
        <SelectField
          label="Language"
          bare
          value={snippet?.label ?? ""}
          options={snippets.map(({ label }) => ({ value: label, label }))}
          onChange={setLanguage}
        />
        <span className="grow" />
        <CopyButton label="Copy request" text={snippet?.text ?? ""} />
      </div>
      <Code label={`Request as ${snippet?.label ?? ""}`} text={snippet?.text ?? ""} />
      {kind === "get" && <Response keyBytes={keyBytes} revision={revision} modRevision={record?.modRevision} />}
    </div>
  );
}

const MAX_SHOWN = 64 * 1024;

function Code({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <section className="code-block mono detail-code" aria-label={label} tabIndex={0}>
      {text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n… ${text.length - MAX_SHOWN} more characters` : text}
    </section>
  );
}

interface ResponseProps {
  readonly keyBytes: Uint8Array;
  readonly revision: number | undefined;
  /** Of the key as it is shown: another one means another response. */
  readonly modRevision: number | undefined;
}

function Response({ keyBytes, revision, modRevision }: ResponseProps) {
  const { clients } = useConnection();
  const [text, setText] = useState<string>();
  const [error, setError] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer version of the key is a reason to ask again
  useEffect(() => {
    let left = false;
    clients.kv.range(getRequest(keyBytes, revision)).then(
      (reply) => {
        if (left) return;
        setText(JSON.stringify(toJson(RangeResponseSchema, reply), undefined, 2));
        setError(undefined);
      },
      (failure) => !left && setError(errorText(failure)),
    );
    return () => {
      left = true;
    };
  }, [clients, keyBytes, revision, modRevision]);
  return (
    <>
      <div className="detail-bar detail-bar-plain">
        <h3 className="grow">Response as JSON</h3>
        {text !== undefined && <CopyButton label="Copy response" text={text} />}
      </div>
      {error !== undefined && <Banner tone="danger">{error}</Banner>}
      {text !== undefined ? <Code label="Response as JSON" text={text} /> : error === undefined && <Spinner />}
    </>
  );
}
