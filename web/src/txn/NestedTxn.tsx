import { useState } from "react";
import type { TxnRequest } from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { formatTxn, parseTxn } from "../console/language/txntext.ts";
import { TextField } from "../ui/index.ts";

interface NestedTxnProps {
  readonly title: string;
  readonly txn: TxnRequest;
  readonly onChange: (txn: TxnRequest) => void;
}

/** A txn within, edited as text. */
export function NestedTxn({ title, txn, onChange }: NestedTxnProps) {
  const meant = formatTxn(txn);
  const [typed, setTyped] = useState({ text: meant, meant });
  const text = typed.meant === meant ? typed.text : meant;
  const parsed = parseTxn(text);
  const change = (next: string): void => {
    const result = parseTxn(next);
    setTyped({ text: next, meant: "error" in result ? meant : formatTxn(result.request) });
    if (!("error" in result)) onChange(result.request);
  };
  return (
    <TextField
      mono
      label={`${title}: txn within`}
      rows={Math.min(14, text.split("\n").length + 1)}
      value={text}
      error={
        "error" in parsed ? `Line ${parsed.line}: ${parsed.error}. The last that could be read is kept.` : undefined
      }
      onChange={change}
    />
  );
}
