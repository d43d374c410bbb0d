import { create, type DescMessage } from "@bufbuild/protobuf";

export type Fields = Record<string, unknown>;

/** Messages without any field: a copy of one is made far quicker than a new one. */
export class ZeroMessage {
  readonly #zero: Fields;
  /** What no two messages may share. */
  readonly #lists: readonly string[];
  readonly #oneofs: readonly string[];

  constructor(desc: DescMessage) {
    this.#zero = create(desc) as unknown as Fields;
    this.#lists = desc.fields.filter(({ fieldKind }) => fieldKind === "list").map(({ localName }) => localName);
    this.#oneofs = desc.oneofs.map(({ localName }) => localName);
  }

  copy(): Fields {
    const message = { ...this.#zero };
    for (const name of this.#lists) message[name] = [];
    for (const name of this.#oneofs) message[name] = { case: undefined };
    return message;
  }
}
