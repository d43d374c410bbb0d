import { AuthStore } from "../auth/index.ts";
import { JournalError } from "../journal/index.ts";
import { decodeMember, memberKeyId } from "./memberrecord.ts";
import type { RecordRow } from "./state.ts";
import { Versions } from "./versions.ts";

const NO_HOST = { propose: () => {}, record: () => {} };
const STOPPED_CLOCK = { now: () => 0, setTimer: () => () => {} };

/** That users, roles, members and versions can be made of their rows. @throws JournalError */
export function checkRecords(records: readonly RecordRow[]): void {
  try {
    new AuthStore(records, () => {});
  } catch (error) {
    throw new JournalError(error instanceof Error ? error.message : String(error));
  }
  for (const { bucket, key, value } of records) {
    if (bucket === "members") decodeMember(key, value);
    else if (bucket === "members_removed") memberKeyId(key);
  }
  new Versions({ clock: STOPPED_CLOCK, host: NO_HOST, allStarted: () => true }, records).close();
}
