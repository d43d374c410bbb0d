/**
 * @grpc/grpc-js under our generated messages: promises for unary calls, a queue of replies for streams, and
 * the status of each call as it came.
 */
import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { CallOptions, ClientDuplexStream, ClientOptions, ClientReadableStream, StatusObject } from "@grpc/grpc-js";
import { Client, credentials, Metadata } from "@grpc/grpc-js";

export type UnaryResult<Out> = {
  readonly status: StatusObject;
  /** Undefined when the call failed. */
  readonly response: Out | undefined;
  readonly header: Metadata | undefined;
};

export class GrpcClient {
  readonly raw: Client;

  constructor(url: string, options: ClientOptions = {}) {
    this.raw = new Client(new URL(url).host, credentials.createInsecure(), options);
  }

  /** Calls a unary method; a failed call is a result with its status. */
  unary<In extends DescMessage, Out extends DescMessage>(
    method: DescMethodUnary<In, Out>,
    request: MessageInitShape<In>,
    metadata: Metadata = new Metadata(),
    options: CallOptions = {},
  ): Promise<UnaryResult<MessageShape<Out>>> {
    return this.unaryBytes(path(method), toBinary(method.input, create(method.input, request)), metadata, options).then(
      (result) => ({
        ...result,
        response: result.response === undefined ? undefined : fromBinary(method.output, result.response),
      }),
    );
  }

  /** The response of a call that must succeed. */
  async call<In extends DescMessage, Out extends DescMessage>(
    method: DescMethodUnary<In, Out>,
    request: MessageInitShape<In>,
  ): Promise<MessageShape<Out>> {
    const { response, status } = await this.unary(method, request);
    if (response === undefined) throw new Error(`${path(method)}: ${status.code} ${status.details}`);
    return response;
  }

  /** Any path with any bytes. */
  unaryBytes(
    fullPath: string,
    request: Uint8Array,
    metadata: Metadata = new Metadata(),
    options: CallOptions = {},
  ): Promise<UnaryResult<Uint8Array>> {
    return new Promise((resolve) => {
      let response: Uint8Array | undefined;
      let header: Metadata | undefined;
      const same = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
      const call = this.raw.makeUnaryRequest(fullPath, same, same, request, metadata, options, (_error, value) => {
        response = value;
      });
      call.on("metadata", (received: Metadata) => {
        header = received;
      });
      call.on("status", (status: StatusObject) => setImmediate(() => resolve({ status, response, header })));
    });
  }

  bidi<In extends DescMessage, Out extends DescMessage>(
    method: DescMethodBiDiStreaming<In, Out>,
    options: CallOptions = {},
    metadata: Metadata = new Metadata(),
  ): BidiCall<In, Out> {
    const encode = (message: MessageShape<In>): Buffer => Buffer.from(toBinary(method.input, message));
    const decode = (bytes: Buffer): MessageShape<Out> => fromBinary(method.output, bytes);
    return new BidiCall(method.input, this.raw.makeBidiStreamRequest(path(method), encode, decode, metadata, options));
  }

  serverStream<In extends DescMessage, Out extends DescMessage>(
    method: DescMethodServerStreaming<In, Out>,
    request: MessageInitShape<In>,
    metadata: Metadata = new Metadata(),
  ): Replies<MessageShape<Out>> {
    const encode = (message: MessageShape<In>): Buffer => Buffer.from(toBinary(method.input, message));
    const decode = (bytes: Buffer): MessageShape<Out> => fromBinary(method.output, bytes);
    const message = create(method.input, request);
    return new Replies(this.raw.makeServerStreamRequest(path(method), encode, decode, message, metadata));
  }

  close(): void {
    this.raw.close();
  }
}

/** The replies of a stream, in order, then its status. */
export class Replies<Out> {
  readonly status: Promise<StatusObject>;
  private readonly arrived: Out[] = [];
  private readonly waiting: ((reply: Out | undefined) => void)[] = [];
  private ended = false;

  constructor(stream: ClientReadableStream<Out>) {
    stream.on("data", (reply: Out) => {
      const waiter = this.waiting.shift();
      if (waiter === undefined) this.arrived.push(reply);
      else waiter(reply);
    });
    // The status says it too.
    stream.on("error", () => {});
    this.status = new Promise((resolve) => {
      stream.on("status", (status: StatusObject) => {
        this.ended = true;
        for (const waiter of this.waiting) waiter(undefined);
        resolve(status);
      });
    });
  }

  /** The next reply; undefined after the last. */
  async next(): Promise<Out | undefined> {
    const reply = this.arrived.shift();
    if (reply !== undefined || this.ended) return reply;
    return await new Promise((resolve) => this.waiting.push(resolve));
  }
}

export class BidiCall<In extends DescMessage, Out extends DescMessage> extends Replies<MessageShape<Out>> {
  private readonly input: In;
  private readonly stream: ClientDuplexStream<MessageShape<In>, MessageShape<Out>>;

  constructor(input: In, stream: ClientDuplexStream<MessageShape<In>, MessageShape<Out>>) {
    super(stream);
    this.input = input;
    this.stream = stream;
  }

  send(request: MessageInitShape<In>): void {
    this.stream.write(create(this.input, request));
  }

  halfClose(): void {
    this.stream.end();
  }

  cancel(): void {
    this.stream.cancel();
  }
}

function path(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
