import { create } from "@bufbuild/protobuf";
import { X } from "lucide-react";
import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  CompareSchema,
} from "../../../src/gen/etcdserverpb/kv_pb.ts";
import { IconButton, SelectField } from "../ui/index.ts";
import { BytesField, IntegerField } from "./fields.tsx";
import { RangeFields } from "./RangeFields.tsx";

const TARGETS = {
  value: Compare_CompareTarget.VALUE,
  version: Compare_CompareTarget.VERSION,
  create: Compare_CompareTarget.CREATE,
  mod: Compare_CompareTarget.MOD,
  lease: Compare_CompareTarget.LEASE,
} as const;
type Target = keyof typeof TARGETS;
const TARGET_OPTIONS: ReadonlyArray<{ readonly value: Target; readonly label: string }> = [
  { value: "value", label: "value" },
  { value: "version", label: "version" },
  { value: "create", label: "create revision" },
  { value: "mod", label: "mod revision" },
  { value: "lease", label: "lease" },
];

const RESULTS = {
  "=": Compare_CompareResult.EQUAL,
  "!=": Compare_CompareResult.NOT_EQUAL,
  ">": Compare_CompareResult.GREATER,
  "<": Compare_CompareResult.LESS,
} as const;
type Result = keyof typeof RESULTS;
const RESULT_OPTIONS = (Object.keys(RESULTS) as Result[]).map((value) => ({ value, label: value }));

interface CompareRowProps {
  /** `If 1` */
  readonly title: string;
  readonly compare: Compare;
  readonly onChange: (compare: Compare) => void;
  readonly onRemove: () => void;
}

/** `value` of a key `=` something. */
export function CompareRow({ title, compare, onChange, onRemove }: CompareRowProps) {
  const target = nameOf(TARGETS, compare.target) ?? "value";
  const result = nameOf(RESULTS, compare.result) ?? "=";
  const { targetUnion } = compare;
  const set = (change: Partial<Compare>): void => onChange(create(CompareSchema, { ...compare, ...change }));
  return (
    <div className="txn-row">
      <div className="txn-fields">
        <SelectField
          bare
          label={`${title}: compare`}
          value={target}
          options={TARGET_OPTIONS}
          onChange={(name) => set({ target: TARGETS[name], targetUnion: operandOf(name, targetUnion) })}
        />
        <RangeFields title={title} value={compare} onChange={set} />
        <SelectField
          bare
          label={`${title}: operator`}
          value={result}
          options={RESULT_OPTIONS}
          onChange={(name) => set({ result: RESULTS[name] })}
        />
        {targetUnion.case === "value" ? (
          <BytesField
            label={`${title}: compared with`}
            value={targetUnion.value}
            placeholder="value"
            onChange={(value) => set({ targetUnion: { case: "value", value } })}
          />
        ) : (
          <IntegerField
            bare
            label={`${title}: compared with`}
            isHex={target === "lease"}
            value={targetUnion.value ?? 0n}
            onChange={(value) => set({ targetUnion: withNumber(target, value) })}
          />
        )}
      </div>
      <IconButton label={`Remove ${title}`} onClick={onRemove}>
        <X />
      </IconButton>
    </div>
  );
}

/** A compare to begin with. */
export function newCompare(): Compare {
  return create(CompareSchema, {
    ...{ target: Compare_CompareTarget.VALUE, result: Compare_CompareResult.EQUAL },
    targetUnion: { case: "value", value: new Uint8Array() },
  });
}

function nameOf<T extends Record<string, number>>(names: T, number: number): keyof T | undefined {
  return Object.keys(names).find((name) => names[name] === number);
}

/** Between numbers what was typed stays. */
function operandOf(target: Target, held: Compare["targetUnion"]): Compare["targetUnion"] {
  if (target === "value") return { case: "value", value: new Uint8Array() };
  return withNumber(target, typeof held.value === "bigint" ? held.value : 0n);
}

function withNumber(target: Target, value: bigint): Compare["targetUnion"] {
  if (target === "version") return { case: "version", value };
  if (target === "create") return { case: "createRevision", value };
  return { case: target === "mod" ? "modRevision" : "lease", value };
}
