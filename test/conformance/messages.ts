/** The messages of the suite, as far as the server under test reads and writes them. */
import type { DescMessage, DescService, Message, Registry } from "@bufbuild/protobuf";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const PACKAGE = "connectrpc.conformance.v1";

export interface Header {
  readonly name: string;
  readonly value: readonly string[];
}

export interface ErrorDefinition {
  readonly code: number;
  readonly message?: string;
  readonly details: readonly Any[];
}

export interface UnaryDefinition {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly responseDelayMs: number;
  readonly response:
    | { readonly case: "responseData"; readonly value: Uint8Array }
    | { readonly case: "error"; readonly value: ErrorDefinition }
    | { readonly case: undefined };
}

export interface StreamDefinition {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly responseDelayMs: number;
  readonly responseData: readonly Uint8Array[];
  readonly error?: ErrorDefinition;
}

export type Request<Definition> = Message & {
  readonly responseDefinition?: Definition;
  readonly fullDuplex?: boolean;
};

export interface ServerRequest extends Message {
  readonly protocol: number;
  readonly useTls: boolean;
  readonly clientTlsCert: Uint8Array;
  readonly messageReceiveLimit: number;
  readonly serverCreds?: { readonly cert: Uint8Array; readonly key: Uint8Array };
}

export class Suite {
  readonly registry: Registry;

  /** @param descriptors a FileDescriptorSet in its binary form */
  constructor(descriptors: Uint8Array) {
    this.registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
  }

  get service(): DescService {
    const service = this.registry.getService(`${PACKAGE}.ConformanceService`);
    if (service === undefined) throw new Error("the descriptors have no ConformanceService");
    return service;
  }

  message(name: string): DescMessage {
    const message = this.registry.getMessage(`${PACKAGE}.${name}`);
    if (message === undefined) throw new Error(`the descriptors have no message ${name}`);
    return message;
  }
}
