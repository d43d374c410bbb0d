/** Who is signed in, by endpoint, for as long as the page is open: tokens are secrets and never stored. */
import { Cell } from "../ui/cell.ts";

export interface SignedIn {
  readonly user: string;
  readonly token: string;
  /** Another token for the same user, where this one is only old: it is held by nothing but this function. */
  readonly renew: () => Promise<string>;
}

export const signedIn = new Cell<ReadonlyMap<string, SignedIn>>(new Map());

/** @param who undefined to sign out */
export function setSignedIn(endpoint: string, who: SignedIn | undefined): void {
  signedIn.update((held) => {
    const next = new Map(held);
    if (who === undefined) next.delete(endpoint);
    else next.set(endpoint, who);
    return next;
  });
}
