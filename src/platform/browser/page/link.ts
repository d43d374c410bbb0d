import { Code, ConnectError } from "@connectrpc/connect";
import { holdAlive, whenGone } from "../alive.ts";
import { BridgeClient } from "../bridge/client.ts";
import { type Announcement, guestChannel, type OwnerInfo, randomName, type Welcome } from "../names.ts";

/** The errors of requests that were under way when their owner went: Connect knows no further kinds of its errors. */
const ownerLost = new WeakSet<object>();

function ownerLostError(): ConnectError {
  const error = new ConnectError("the tab that ran the store has gone before it answered", Code.Unavailable);
  ownerLost.add(error);
  return error;
}

/** Whether a request failed because its owner went; whether it was carried out is not known. */
export function isOwnerLost(error: unknown): boolean {
  return typeof error === "object" && error !== null && ownerLost.has(error);
}

/** The way to one owner, until it is gone. */
export interface Link extends Pick<BridgeClient, "fetch" | "call"> {
  /** Ends requests under way as lost. */
  close(): void;
}

/** To the store in this page's own worker. */
export function ownLink(port: MessagePort): Link {
  const client = new BridgeClient(port);
  port.start();
  return linkBy(client, () => client.close(ownerLostError()));
}

/** An owner that does not answer has gone, or had no ears yet. */
const ASK_AGAIN_MS = 250;

/**
 * To the store in another tab's worker, by a channel that only the two know. Undefined where the owner is gone
 * before it answers, or the signal is aborted.
 */
export async function guestLink(
  info: OwnerInfo,
  announce: (message: Announcement) => void,
  options: { readonly signal: AbortSignal; readonly gone: () => void },
): Promise<Link | undefined> {
  const { signal, gone } = options;
  const guest = randomName();
  const letGo = await holdAlive(guest);
  const channel = new BroadcastChannel(guestChannel(guest));
  const client = new BridgeClient(channel);
  const stopWatching = whenGone(info.owner, gone);
  const close = (): void => {
    stopWatching();
    client.close(ownerLostError());
    channel.close();
    letGo();
  };
  const welcome = await new Promise<boolean>((resolve) => {
    const ask = (): void => announce({ type: "connect", owner: info.owner, guest });
    const again = setInterval(ask, ASK_AGAIN_MS);
    const settle = (welcome: boolean): void => {
      clearInterval(again);
      resolve(welcome);
    };
    channel.addEventListener("message", ({ data }) => {
      if ((data as Partial<Welcome>).type === "welcome") settle(true);
    });
    signal.addEventListener("abort", () => settle(false));
    if (signal.aborted) settle(false);
    else ask();
  });
  if (welcome && !signal.aborted) return linkBy(client, close);
  close();
  return undefined;
}

function linkBy(client: BridgeClient, close: () => void): Link {
  return { fetch: client.fetch, call: (request, signal) => client.call(request, signal), close };
}
