import { type ContextValues, createContextValues } from "@connectrpc/connect";
import { etcdError } from "../../errors.ts";
import { Watch } from "../../gen/etcdserverpb/watch_pb.ts";
import { clientCommonName, LeanContext } from "../../rpc/index.ts";
import type { WatchAttachment } from "./watch-attachment.ts";

/**
 * Who watches over a WebSocket: the token that came with it, while the client asks for something new. A watch from
 * before a sleep is begun again in the name of the user who had it, whose token may have run out since.
 */
export class WatchContext extends LeanContext {
  readonly method = Watch.method.watch;
  readonly protocolName = "gateway";
  readonly url = "ws://localhost/v3/watch";
  readonly requestHeader = new Headers();
  readonly #attachment: WatchAttachment;
  #isRestoring = false;

  constructor(attachment: WatchAttachment) {
    super();
    this.#attachment = attachment;
    const { authorization } = attachment.headers;
    if (typeof authorization === "string") this.requestHeader.set("authorization", authorization);
  }

  restoring(isRestoring: boolean): void {
    this.#isRestoring = isRestoring;
  }

  leave(): void {
    this.abort(etcdError("stopped"));
  }

  header(name: string): string | undefined {
    return this.#isRestoring ? undefined : (this.requestHeader.get(name) ?? undefined);
  }

  timeoutMs(): undefined {
    return undefined;
  }

  override get values(): ContextValues {
    return createContextValues().set(clientCommonName, this.#isRestoring ? this.#attachment.username : undefined);
  }
}
