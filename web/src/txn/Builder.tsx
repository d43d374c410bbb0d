import { create } from "@bufbuild/protobuf";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import {
  type RequestOp,
  RequestOpSchema,
  type TxnRequest,
  TxnRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { Button } from "../ui/index.ts";
import { CompareRow, newCompare } from "./CompareRow.tsx";
import { OpRow } from "./OpRow.tsx";

interface BuilderProps {
  readonly request: TxnRequest;
  readonly onChange: (request: TxnRequest) => void;
}

/** If, Then and Else, row by row. */
export function Builder({ request, onChange }: BuilderProps) {
  const { compare, success, failure } = request;
  const set = (change: Partial<TxnRequest>): void => onChange(create(TxnRequestSchema, { ...request, ...change }));
  return (
    <div className="txn-builder">
      <Part
        title="If"
        hint="all of these hold"
        empty="Nothing to compare: Then always runs."
        count={compare.length}
        buttons={<AddButton label="Compare" onClick={() => set({ compare: [...compare, newCompare()] })} />}
      >
        {compare.map((one, at) => (
          <CompareRow
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity
            key={at}
            title={`If ${at + 1}`}
            compare={one}
            onChange={(next) => set({ compare: compare.with(at, next) })}
            onRemove={() => set({ compare: compare.toSpliced(at, 1) })}
          />
        ))}
      </Part>
      <Branch title="Then" hint="these are done" ops={success} onChange={(ops) => set({ success: ops })} />
      <Branch title="Else" hint="these are done instead" ops={failure} onChange={(ops) => set({ failure: ops })} />
    </div>
  );
}

const NEW_OPS: ReadonlyArray<readonly [string, RequestOp["request"]["case"]]> = [
  ["Put", "requestPut"],
  ["Get", "requestRange"],
  ["Del", "requestDeleteRange"],
  ["Txn", "requestTxn"],
];

interface BranchProps {
  readonly title: string;
  readonly hint: string;
  readonly ops: readonly RequestOp[];
  readonly onChange: (ops: RequestOp[]) => void;
}

function Branch({ title, hint, ops, onChange }: BranchProps) {
  const add = (name: RequestOp["request"]["case"]): void =>
    onChange([...ops, create(RequestOpSchema, { request: { case: name, value: {} } as never })]);
  const buttons = NEW_OPS.map(([label, name]) => <AddButton key={label} label={label} onClick={() => add(name)} />);
  return (
    <Part title={title} hint={hint} empty="Nothing is done." count={ops.length} buttons={buttons}>
      {ops.map((op, at) => (
        <OpRow
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity
          key={`${op.request.case}${at}`}
          title={`${title} ${at + 1}`}
          op={op}
          onChange={(next) => onChange(ops.with(at, next))}
          onRemove={() => onChange(ops.toSpliced(at, 1))}
        />
      ))}
    </Part>
  );
}

interface PartProps {
  readonly title: string;
  readonly hint: string;
  readonly empty: string;
  readonly count: number;
  readonly buttons: ReactNode;
  readonly children: ReactNode;
}

function Part({ title, hint, empty, count, buttons, children }: PartProps) {
  return (
    <section className="txn-part" aria-label={title}>
      <h2>
        {title} <span className="muted">{hint}</span>
      </h2>
      {count === 0 && <p className="muted">{empty}</p>}
      {children}
      <div className="row row-wrap">{buttons}</div>
    </section>
  );
}

function AddButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <Button small icon={<Plus />} onClick={onClick}>
      {label}
    </Button>
  );
}
