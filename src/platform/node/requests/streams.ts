import { EtcdError, Status } from "../../../errors.ts";

/** A stream's messages on their way past somebody who looks at them. */
export interface StreamObserver {
  request(message: unknown): void;
  response(message: unknown): void;
  /** Once; undefined for a good end. */
  end(error: unknown): void;
}

/** Whoever takes no more before the end has lost its client, or is ending the call itself. */
const LEFT = new EtcdError(Status.CANCELLED, "context canceled");

/** @param request one message, or a stream of them */
export function observedRequests(request: unknown, observer: StreamObserver): unknown {
  if (!isStream(request)) {
    observer.request(request);
    return request;
  }
  return (async function* () {
    for await (const message of request) {
      observer.request(message);
      yield message;
    }
  })();
}

/** Each response when it is asked for, as without an observer; the observer is told of the end whoever brings it about. */
export async function* observedResponses(run: () => unknown, observer: StreamObserver): AsyncGenerator<unknown> {
  let end: unknown = LEFT;
  try {
    for await (const message of run() as AsyncIterable<unknown>) {
      observer.response(message);
      yield message;
    }
    end = undefined;
  } catch (error) {
    end = error;
    throw error;
  } finally {
    observer.end(end);
  }
}

function isStream(request: unknown): request is AsyncIterable<unknown> {
  return Symbol.asyncIterator in (request as object);
}
