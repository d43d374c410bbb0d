/** A script for etcdctl: what it types, in order, at a fresh server. Its output alone is the expectation. */
import type { Ctl } from "../ctl.ts";

export type Script = {
  readonly name: string;
  /** Where one version alone has the command. */
  readonly onlyFor?: Ctl["version"];
  /** A difference that is known, and why: it must still be there, or this line must go. */
  readonly knownDifference?: { readonly version: Ctl["version"]; readonly why: string };
  /** The server's flags, and the files in this folder (Ctl.folder) that they name. */
  flags?(folder: string): readonly string[];
  run(ctl: Ctl): Promise<void>;
};
