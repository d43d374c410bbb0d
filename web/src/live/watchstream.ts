import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextValues, type Transport } from "@connectrpc/connect";
import { Watch } from "../../../src/gen/etcdlite/v1/watch_pb.ts";
import {
  Watch as EtcdWatch,
  type WatchCreateRequest,
  WatchRequestSchema,
  type WatchResponse,
} from "../../../src/gen/etcdserverpb/watch_pb.ts";

/** Opens one watcher; ending the signal or the iteration cancels it. */
export type OpenWatchStream = (request: WatchCreateRequest, signal: AbortSignal) => AsyncIterable<WatchResponse>;

/** etcd's bidi Watch as a browser can call it: one request, then half-closed, which etcd goes on answering. */
const HALF_CLOSED_WATCH = { ...EtcdWatch.method.watch, methodKind: "server_streaming" as const };

/** Servers that have no etcdlite.v1.Watch. */
const withoutBrowserWatch = new WeakSet<Transport>();

/**
 * Watchers of a server: by etcdlite.v1.Watch, or where there is none by etcd's own.
 * @param contextValues of each call
 */
export function watchStreamsOf(transport: Transport, contextValues?: ContextValues): OpenWatchStream {
  return async function* open(request, signal) {
    if (!withoutBrowserWatch.has(transport)) {
      try {
        const response = await transport.stream(
          Watch.method.watch,
          signal,
          undefined,
          undefined,
          once(request),
          contextValues,
        );
        yield* response.message;
        return;
      } catch (error) {
        if (ConnectError.from(error).code !== Code.Unimplemented) throw error;
        withoutBrowserWatch.add(transport);
      }
    }
    const message = create(WatchRequestSchema, { requestUnion: { case: "createRequest", value: request } });
    const response = await transport.stream(
      HALF_CLOSED_WATCH,
      signal,
      undefined,
      undefined,
      once(message),
      contextValues,
    );
    yield* response.message;
  };
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
