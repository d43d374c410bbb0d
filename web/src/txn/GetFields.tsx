import { create } from "@bufbuild/protobuf";
import {
  type RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  RangeRequestSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { CheckboxField, SelectField } from "../ui/index.ts";
import { IntegerField, Options } from "./fields.tsx";
import { RangeFields } from "./RangeFields.tsx";

const ORDERS = { NONE: "as stored", ASCEND: "ascending", DESCEND: "descending" } as const;
type Order = keyof typeof ORDERS;
const TARGETS = {
  KEY: "key",
  VERSION: "version",
  CREATE: "create revision",
  MOD: "mod revision",
  VALUE: "value",
} as const;
type Target = keyof typeof TARGETS;

interface GetFieldsProps {
  readonly title: string;
  readonly get: RangeRequest;
  readonly onChange: (get: RangeRequest) => void;
}

export function GetFields({ title, get, onChange }: GetFieldsProps) {
  const set = (change: Partial<RangeRequest>): void => onChange(canonical({ ...get, ...change }));
  const number = (label: string, field: "limit" | "revision" | Bound, placeholder = "none") => (
    <IntegerField
      label={label}
      placeholder={placeholder}
      value={get[field]}
      onChange={(value) => set({ [field]: value })}
    />
  );
  return (
    <>
      <div className="txn-fields">
        <span className="txn-verb">get</span>
        <RangeFields title={title} value={get} onChange={set} />
      </div>
      <Options summary="Options">
        {number("Limit", "limit")}
        {number("Revision", "revision", "newest")}
        <SelectField<Target>
          label="Sort by"
          value={keyOf(RangeRequest_SortTarget, get.sortTarget)}
          options={options(TARGETS)}
          onChange={(name) => set({ sortTarget: RangeRequest_SortTarget[name] })}
        />
        <SelectField<Order>
          label="Order"
          value={keyOf(RangeRequest_SortOrder, get.sortOrder)}
          options={options(ORDERS)}
          onChange={(name) => set({ sortOrder: RangeRequest_SortOrder[name] })}
        />
        {number("Mod revision from", "minModRevision")}
        {number("Mod revision to", "maxModRevision")}
        {number("Create revision from", "minCreateRevision")}
        {number("Create revision to", "maxCreateRevision")}
        <CheckboxField label="Keys only" checked={get.keysOnly} onChange={(keysOnly) => set({ keysOnly })} />
        <CheckboxField
          label="Count only"
          checked={get.countOnly}
          onChange={(countOnly) => set({ countOnly, keysOnly: countOnly ? false : get.keysOnly })}
        />
        <CheckboxField
          label="Serializable"
          checked={get.serializable}
          onChange={(serializable) => set({ serializable })}
        />
      </Options>
    </>
  );
}

type Bound = "minModRevision" | "maxModRevision" | "minCreateRevision" | "maxCreateRevision";

/** As etcdctl writes it: keys come ascending anyway, and keys only and count only are not asked for at once. */
function canonical(get: Omit<RangeRequest, "$typeName">): RangeRequest {
  const isDefault = get.sortTarget === RangeRequest_SortTarget.KEY && get.sortOrder === RangeRequest_SortOrder.ASCEND;
  const sortOrder = isDefault ? RangeRequest_SortOrder.NONE : get.sortOrder;
  return create(RangeRequestSchema, { ...get, sortOrder, countOnly: get.countOnly && !get.keysOnly });
}

function keyOf<T extends Record<string, number>>(names: T, number: number): keyof T & string {
  return Object.keys(names).find((name) => names[name] === number) ?? (Object.keys(names)[0] as string);
}

function options<T extends string>(labels: Record<T, string>): Array<{ value: T; label: string }> {
  return (Object.keys(labels) as T[]).map((value) => ({ value, label: labels[value] }));
}
