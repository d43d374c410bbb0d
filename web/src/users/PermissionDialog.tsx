import { useState } from "react";
import { type Permission, Permission_Type } from "../../../src/gen/authpb/auth_pb.ts";
import { useConnection } from "../app/context.ts";
import { type KeyRange, kindOfRange, type RangeKind, rangeOfKind } from "../console/language/ranges.ts";
import { equalBytes, fromDisplay, toDisplay } from "../store/bytes.ts";
import { ActDialog } from "../ui/actdialog.tsx";
import { SelectField, TextField } from "../ui/index.ts";
import { authOf } from "./auth.ts";
import { ACCESS_LABELS } from "./PermissionTable.tsx";
import { KIND_LABELS, rangeWords } from "./ranges.tsx";

interface PermissionDialogProps {
  readonly role: string;
  /** The permission that is changed; undefined for a new one. */
  readonly held: Permission | undefined;
  readonly onDone: (title: string) => Promise<void>;
  readonly onClose: () => void;
}

interface Fields {
  readonly access: Permission_Type;
  readonly kind: RangeKind;
  /** As text. */
  readonly key: string;
  readonly end: string;
}

const KINDS: readonly RangeKind[] = ["prefix", "single", "range", "from", "all"];
const ACCESSES = [Permission_Type.READ, Permission_Type.WRITE, Permission_Type.READWRITE];

export function PermissionDialog({ role, held, onDone, onClose }: PermissionDialogProps) {
  const auth = authOf(useConnection());
  const [fields, setFields] = useState<Fields>(() => fieldsOf(held));
  const change = (next: Partial<Fields>): void => setFields({ ...fields, ...next });
  const range = rangeOfKind(fields.kind, fromDisplay(fields.key), fromDisplay(fields.end));
  const isWhole = fields.kind === "all" || (fields.key !== "" && (fields.kind !== "range" || fields.end !== ""));
  const act = async (): Promise<void> => {
    await auth.roleGrantPermission({ name: role, perm: { permType: fields.access, ...range } });
    // On another range it is another permission: the one before goes once the new one is there.
    if (held !== undefined && !isSameRange(held, range)) {
      await auth.roleRevokePermission({ role, key: held.key, rangeEnd: held.rangeEnd });
    }
    await onDone(`${role} may ${ACCESS_LABELS[fields.access]} ${rangeWords(range)}`);
  };
  return (
    <ActDialog
      title={held === undefined ? `Grant a permission to ${role}` : `Change a permission of ${role}`}
      verb={held === undefined ? "Grant" : "Save"}
      ready={isWhole}
      onClose={onClose}
      act={act}
    >
      {(failure) => <PermissionFields fields={fields} change={change} failure={failure} />}
    </ActDialog>
  );
}

interface PermissionFieldsProps {
  readonly fields: Fields;
  readonly change: (next: Partial<Fields>) => void;
  readonly failure: string | undefined;
}

const KEY_LABELS: Record<RangeKind, string> = {
  single: "Key",
  prefix: "Prefix",
  range: "First key",
  from: "First key",
  all: "Key",
};

function PermissionFields({ fields, change, failure }: PermissionFieldsProps) {
  const { access, kind, key, end } = fields;
  return (
    <>
      <div className="users-fields">
        <SelectField
          label="Access"
          value={String(access)}
          onChange={(value) => change({ access: ACCESSES.find((one) => String(one) === value) ?? access })}
          options={ACCESSES.map((value) => ({ value: String(value), label: ACCESS_LABELS[value] }))}
        />
        <SelectField
          label="Keys"
          value={kind}
          onChange={(value) => change({ kind: value })}
          options={KINDS.map((value) => ({ value, label: KIND_LABELS[value] }))}
          error={kind === "all" ? failure : undefined}
        />
      </div>
      {kind !== "all" && (
        <TextField
          label={KEY_LABELS[kind]}
          value={key}
          onChange={(value) => change({ key: value })}
          placeholder={kind === "prefix" ? "/app/" : "/app/config"}
          hint="\x00 and the like for bytes that are no text"
          error={kind === "range" ? undefined : failure}
          autoFocus
          mono
        />
      )}
      {kind === "range" && (
        <TextField
          label="Up to, without"
          value={end}
          onChange={(value) => change({ end: value })}
          error={failure}
          mono
        />
      )}
    </>
  );
}

function fieldsOf(held: Permission | undefined): Fields {
  if (held === undefined) return { access: Permission_Type.READWRITE, kind: "prefix", key: "", end: "" };
  const kind = kindOfRange(held);
  return {
    access: held.permType,
    kind,
    key: kind === "all" ? "" : toDisplay(held.key),
    end: kind === "range" ? toDisplay(held.rangeEnd) : "",
  };
}

function isSameRange(a: KeyRange, b: KeyRange): boolean {
  return equalBytes(a.key, b.key) && equalBytes(a.rangeEnd, b.rangeEnd);
}
