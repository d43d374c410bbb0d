/** Rows of one request again and again. */
import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { h2load, type Shape } from "../loads/h2load.ts";
import { wrk } from "../loads/wrk.ts";
import { callOf, type Protocol } from "../protocols.ts";
import { type ContestantName, EVERYWHERE, type Reply, type Row } from "../row.ts";

export interface Unary<I extends DescMessage, O extends DescMessage> {
  readonly name: string;
  readonly method: DescMethodUnary<I, O>;
  readonly request: MessageInitShape<I>;
  readonly accepts: (reply: MessageShape<O>) => boolean;
  readonly protocol?: Protocol;
  readonly on?: readonly ContestantName[];
  readonly revisions: 0 | 1;
  readonly prepare?: Row["prepare"];
}

/** @param requests in a full run */
export function unary<I extends DescMessage, O extends DescMessage>(
  { name, method, request, accepts, protocol = "grpc", on = EVERYWHERE, revisions, prepare }: Unary<I, O>,
  shape: Shape,
  requests: number,
): Row {
  const call = callOf(protocol, method, request, accepts);
  return {
    name: `${name}, ${shape.connections} × ${shape.streams}`,
    unit: "requests",
    tool: "h2load",
    on,
    ...(prepare && { prepare }),
    calls: [call],
    revisions,
    load: (target, share, [reply]) => h2load(target, call, reply as Reply, shape, Math.ceil(requests * share)),
  };
}

const WRK_SECONDS = 3;
/** By h2load: wrk runs for a second at least. */
const WARM_UP_REQUESTS = 80_000;

/** Over HTTP/1.1. wrk leaves some requests unanswered at its end: what they wrote is not looked at. */
export function overHttp1<I extends DescMessage, O extends DescMessage>(
  { name, method, request, accepts, protocol = "gateway", on = EVERYWHERE, prepare }: Omit<Unary<I, O>, "revisions">,
  connections: number,
): Row {
  const call = callOf(protocol, method, request, accepts);
  return {
    name: `${name}, ${connections} × 1`,
    unit: "requests",
    tool: "wrk",
    on,
    ...(prepare && { prepare }),
    calls: [call],
    warmUp: (target, share, [reply]) =>
      h2load(target, call, reply as Reply, { connections, streams: 1 }, Math.ceil(WARM_UP_REQUESTS * share)),
    load: (target, share, [reply]) =>
      wrk(target, call, reply as Reply, connections, Math.max(1, Math.round(WRK_SECONDS * share))),
  };
}
