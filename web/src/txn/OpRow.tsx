import { create } from "@bufbuild/protobuf";
import { X } from "lucide-react";
import {
  type DeleteRangeRequest,
  DeleteRangeRequestSchema,
  type PutRequest,
  PutRequestSchema,
  type RequestOp,
  RequestOpSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { CheckboxField, IconButton } from "../ui/index.ts";
import { BytesField, IntegerField, Options } from "./fields.tsx";
import { GetFields } from "./GetFields.tsx";
import { NestedTxn } from "./NestedTxn.tsx";
import { RangeFields } from "./RangeFields.tsx";

interface OpRowProps {
  /** `Then 1` */
  readonly title: string;
  readonly op: RequestOp;
  readonly onChange: (op: RequestOp) => void;
  readonly onRemove: () => void;
}

/** One put, get or del, or a txn within. */
export function OpRow({ title, op, onChange, onRemove }: OpRowProps) {
  const { request } = op;
  const set = (next: RequestOp["request"]): void => onChange(create(RequestOpSchema, { request: next }));
  return (
    <div className="txn-row">
      <div className="txn-grow">
        {request.case === "requestPut" && (
          <PutFields title={title} put={request.value} onChange={(value) => set({ case: "requestPut", value })} />
        )}
        {request.case === "requestRange" && (
          <GetFields title={title} get={request.value} onChange={(value) => set({ case: "requestRange", value })} />
        )}
        {request.case === "requestDeleteRange" && (
          <DelFields
            title={title}
            del={request.value}
            onChange={(value) => set({ case: "requestDeleteRange", value })}
          />
        )}
        {request.case === "requestTxn" && (
          <NestedTxn title={title} txn={request.value} onChange={(value) => set({ case: "requestTxn", value })} />
        )}
      </div>
      <IconButton label={`Remove ${title}`} onClick={onRemove}>
        <X />
      </IconButton>
    </div>
  );
}

interface PutFieldsProps {
  readonly title: string;
  readonly put: PutRequest;
  readonly onChange: (put: PutRequest) => void;
}

function PutFields({ title, put, onChange }: PutFieldsProps) {
  const set = (change: Partial<PutRequest>): void => onChange(create(PutRequestSchema, { ...put, ...change }));
  return (
    <>
      <div className="txn-fields">
        <span className="txn-verb">put</span>
        <BytesField label={`${title}: key`} value={put.key} placeholder="key" onChange={(key) => set({ key })} />
        <BytesField
          label={`${title}: value`}
          value={put.value}
          placeholder={put.ignoreValue ? "(as it is)" : "value"}
          disabled={put.ignoreValue}
          onChange={(value) => set({ value })}
        />
      </div>
      <Options summary="Options">
        <IntegerField
          isHex
          label="Lease (hexadecimal)"
          placeholder="none"
          value={put.lease}
          onChange={(lease) => set({ lease })}
        />
        <CheckboxField label="Previous key-value" checked={put.prevKv} onChange={(prevKv) => set({ prevKv })} />
        <CheckboxField
          label="Keep the value"
          checked={put.ignoreValue}
          onChange={(ignoreValue) => set({ ignoreValue, value: ignoreValue ? new Uint8Array() : put.value })}
        />
        <CheckboxField
          label="Keep the lease"
          checked={put.ignoreLease}
          onChange={(ignoreLease) => set({ ignoreLease })}
        />
      </Options>
    </>
  );
}

interface DelFieldsProps {
  readonly title: string;
  readonly del: DeleteRangeRequest;
  readonly onChange: (del: DeleteRangeRequest) => void;
}

function DelFields({ title, del, onChange }: DelFieldsProps) {
  const set = (change: Partial<DeleteRangeRequest>): void =>
    onChange(create(DeleteRangeRequestSchema, { ...del, ...change }));
  return (
    <>
      <div className="txn-fields">
        <span className="txn-verb">del</span>
        <RangeFields title={title} value={del} onChange={set} />
      </div>
      <Options summary="Options">
        <CheckboxField label="Previous key-values" checked={del.prevKv} onChange={(prevKv) => set({ prevKv })} />
      </Options>
    </>
  );
}
