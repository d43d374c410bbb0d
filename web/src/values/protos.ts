/** The .proto files that the user gave this page, and which message each value was said to be. Kept until it is closed. */
import { Cell } from "../ui/cell.ts";

export interface ProtoSchema {
  /** Names of the files, for people. */
  readonly files: readonly string[];
  /** Full names of the messages in them. */
  readonly types: readonly string[];
  /**
   * The message as proto JSON, indented.
   * @throws Error where the bytes are no such message
   */
  decode(type: string, bytes: Uint8Array): string;
}

export const protoSchema = new Cell<ProtoSchema | undefined>(undefined);

/** Message types by the scope they were chosen in (a key's mapKey), and "" for the last one chosen at all. */
export const protoTypes = new Cell<ReadonlyMap<string, string>>(new Map());

export function chooseProtoType(scope: string, type: string): void {
  protoTypes.update((held) => new Map([...held, [scope, type], ["", type]]));
}

/** @throws Error where a file is not proto, or names what is in none of them */
export async function loadProtos(files: readonly File[]): Promise<void> {
  const sources = await Promise.all(files.map(async (file) => ({ name: file.name, text: await file.text() })));
  const { parseProtos } = await import("./protobuf.ts");
  protoSchema.set(parseProtos(sources));
}
