import { whenGone } from "../alive.ts";
import { guestChannel, type Welcome } from "../names.ts";
import type { Owner } from "./owner.ts";

/** The other tabs and service workers that an owner serves, each on a channel of its own until it is gone. */
export class Guests {
  readonly #owner: Owner;
  readonly #leave = new Map<string, () => void>();

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** A guest that asks again is the same guest. */
  welcome(guest: string): void {
    if (this.#leave.has(guest)) return;
    const channel = new BroadcastChannel(guestChannel(guest));
    const stopServing = this.#owner.serve(channel);
    const leave = (): void => {
      this.#leave.delete(guest);
      stopWatching();
      stopServing();
      channel.close();
    };
    const stopWatching = whenGone(guest, leave);
    this.#leave.set(guest, leave);
    const welcome: Welcome = { type: "welcome" };
    channel.postMessage(welcome);
  }

  close(): void {
    for (const leave of [...this.#leave.values()]) leave();
  }
}
