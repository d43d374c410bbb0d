/** A script for etcdctl: what it types, in order, at a fresh server. Its output alone is the expectation. */
import type { Ctl } from "../ctl.ts";

export type Script = {
  readonly name: string;
  /** Where one version alone has the command. */
  readonly onlyFor?: Ctl["version"];
  run(ctl: Ctl): Promise<void>;
};
