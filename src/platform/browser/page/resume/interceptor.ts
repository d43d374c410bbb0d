/**
 * Watches outlive their owner: when it is lost, the stream behind a call is opened again at the next one, and
 * the client sees each event once.
 */
import type { DescMessage } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor, type StreamRequest, type StreamResponse } from "@connectrpc/connect";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { Watch as BrowserWatch } from "../../../../gen/etcdlite/v1/watch_pb.ts";
import {
  Watch,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
} from "../../../../gen/etcdserverpb/watch_pb.ts";
import { isOwnerLost } from "../link.ts";
import { HISTORY_HEADER } from "../switchboard.ts";
import { Position } from "./position.ts";
import { Requests } from "./requests.ts";
import { WatchSession } from "./session.ts";

export const resumeWatches: Interceptor = (next) => async (request) => {
  if (!request.stream) return await next(request);
  const open = next as Open;
  const { typeName } = request.method.parent;
  if (typeName === BrowserWatch.typeName) return await resumed(request, open, browserWatch(request));
  if (typeName === Watch.typeName) return await resumed(request, open, etcdWatch(request));
  return await next(request);
};

type Stream = StreamRequest<DescMessage, DescMessage>;
type Reply = StreamResponse<DescMessage, DescMessage>;
type Open = (request: Stream) => Promise<Reply>;

/** What a call is made of, whichever stream carries it. */
interface Call {
  /** The requests of the first stream, or of one that takes the place of another; they end when it is lost. */
  requests(lost: Promise<undefined>): AsyncIterable<unknown>;
  /** What of a response the client is to see. */
  accept(response: WatchResponse): WatchResponse | undefined;
}

/** One watch, whose one request is its create. */
function browserWatch({ message }: Stream): Call {
  let position: Position | undefined;
  return {
    async *requests() {
      if (position === undefined) {
        for await (const request of message) position = new Position(request as unknown as WatchCreateRequest);
      }
      if (position !== undefined) yield position.resume();
    },
    accept: (response) => (position === undefined ? response : position.accept(response)),
  };
}

/** Any number of watches, created and canceled as the client goes. */
function etcdWatch({ message }: Stream): Call {
  const session = new WatchSession();
  const requests = new Requests(message as unknown as AsyncIterable<WatchRequest>);
  let isFirst = true;
  return {
    async *requests(lost) {
      if (!isFirst) yield* session.resume();
      isFirst = false;
      for await (const request of requests.until(lost)) yield session.sent(request);
    },
    accept: (response) => session.received(response),
  };
}

interface Attempt {
  readonly reply: Reply;
  /** Ends its requests, and it too if it has not ended. */
  end(): void;
}

async function resumed(request: Stream, open: Open, call: Call): Promise<Reply> {
  let attempt = await openAgain(request, open, call);
  const { reply } = attempt;
  const history = reply.header.get(HISTORY_HEADER);
  async function* responses(): AsyncGenerator<WatchResponse> {
    for (;;) {
      try {
        for await (const response of attempt.reply.message) {
          const seen = call.accept(response as unknown as WatchResponse);
          if (seen !== undefined) yield seen;
        }
        attempt.reply.trailer.forEach((value, name) => {
          reply.trailer.set(name, value);
        });
        return;
      } catch (error) {
        if (!isOwnerLost(error)) throw error;
      } finally {
        attempt.end();
      }
      attempt = await openAgain(request, open, call);
      if (attempt.reply.header.get(HISTORY_HEADER) !== history) {
        attempt.end();
        throw new ConnectError("the store that was watched was not kept: its revisions begin anew", Code.DataLoss);
      }
    }
  }
  return { ...reply, message: responses() as unknown as Reply["message"] };
}

/** Owners may be lost while one is looked for. */
async function openAgain(request: Stream, open: Open, call: Call): Promise<Attempt> {
  for (;;) {
    const abort = createLinkedAbortController(request.signal);
    let lose: () => void = () => {};
    const lost = new Promise<undefined>((resolve) => {
      lose = () => resolve(undefined);
    });
    const end = (): void => {
      lose();
      abort.abort();
    };
    try {
      const message = call.requests(lost) as Stream["message"];
      return { reply: await open({ ...request, signal: abort.signal, message }), end };
    } catch (error) {
      end();
      if (!isOwnerLost(error)) throw error;
    }
  }
}
