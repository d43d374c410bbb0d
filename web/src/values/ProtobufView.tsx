import { type ReactNode, useMemo, useRef, useState } from "react";
import { Banner, Button, EmptyState, SelectField, useCell } from "../ui/index.ts";
import { chooseProtoType, loadProtos, type ProtoSchema, protoSchema, protoTypes } from "./protos.ts";
import { TextReader } from "./TextReader.tsx";
import { wireText } from "./wire.ts";

interface ProtobufViewProps {
  readonly bytes: Uint8Array;
  readonly scope: string;
}

/** A value as a protobuf message: by the user's .proto files, and by field numbers without any. */
export default function ProtobufView({ bytes, scope }: ProtobufViewProps) {
  const schema = useCell(protoSchema);
  const raw = useMemo(() => wireText(bytes), [bytes]);
  if (schema !== undefined) return <Message bytes={bytes} scope={scope} schema={schema} />;
  if (raw === undefined) {
    return (
      <EmptyState title="These bytes are no protobuf message" actions={<ProtoFiles label="Choose .proto files" />}>
        With a .proto file you can try a message type on them all the same.
      </EmptyState>
    );
  }
  return (
    <>
      <div className="values-bar">
        <span className="grow muted">By field numbers: names need a .proto file.</span>
        <ProtoFiles label="Choose .proto files" />
      </div>
      <TextReader text={raw} language="text" label="Value by field numbers" />
    </>
  );
}

function Message({ bytes, scope, schema }: ProtobufViewProps & { readonly schema: ProtoSchema }) {
  const chosen = useCell(protoTypes);
  const type = [chosen.get(scope), chosen.get(""), schema.types[0]].find(
    (name) => name !== undefined && schema.types.includes(name),
  );
  const decoded = useMemo(() => decode(schema, type, bytes), [schema, type, bytes]);
  return (
    <>
      <div className="values-bar">
        <SelectField
          label="Message type"
          bare
          value={type ?? ""}
          options={schema.types.map((name) => ({ value: name, label: name }))}
          onChange={(name) => chooseProtoType(scope, name)}
        />
        <span className="grow muted">{schema.files.join(", ")}</span>
        <ProtoFiles label="Other .proto files" />
      </div>
      {decoded.error !== undefined ? (
        <Banner tone="warning" title={`The value is no ${type ?? "message"}`}>
          {decoded.error}
        </Banner>
      ) : (
        <TextReader text={decoded.text} language="json" label={`Value as ${type}`} />
      )}
    </>
  );
}

function decode(schema: ProtoSchema, type: string | undefined, bytes: Uint8Array): { text: string; error?: string } {
  if (type === undefined) return { text: "", error: "The .proto files have no message in them." };
  try {
    return { text: schema.decode(type, bytes) };
  } catch (error) {
    return { text: "", error: error instanceof Error ? error.message : String(error) };
  }
}

/** A button that takes .proto files, and says what is wrong with them. */
function ProtoFiles({ label }: { readonly label: string }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string>();
  const load = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    try {
      await loadProtos(files);
      setError(undefined);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    }
  };
  return (
    <>
      {error !== undefined && (
        <span role="alert" className="field-error">
          {error}
        </span>
      )}
      <Button small onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        className="visually-hidden"
        type="file"
        aria-label=".proto files"
        tabIndex={-1}
        accept=".proto"
        multiple
        onChange={(event) => void load([...(event.target.files ?? [])])}
      />
    </>
  );
}
