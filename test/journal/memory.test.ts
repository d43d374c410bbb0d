import { type Change, type Journal, MemoryJournal, MemoryStorage } from "../../src/journal/index.ts";
import { journalContract } from "./contract.ts";

journalContract("memory", async () => {
  const storage = new MemoryStorage();
  let journal: Journal | undefined;
  return {
    open: async () => {
      journal = new MemoryJournal(storage);
      return journal;
    },
    crash: async () => {
      await journal?.close();
    },
    dispose: async () => {},
  };
});

/** One whose writes take turns to come, so that a crash finds some of them under way. */
class SlowJournal extends MemoryJournal {
  #last: Promise<void> = Promise.resolve();

  override write(changes: readonly Change[]): Promise<void> {
    this.#last = this.#last.then(() => super.write(changes));
    return this.#last;
  }

  override async close(): Promise<void> {
    await this.#last.catch(() => {});
    await super.close();
  }

  async crash(): Promise<void> {
    await super.close();
  }
}

journalContract("slow memory", async () => {
  const storage = new MemoryStorage();
  let journal: SlowJournal | undefined;
  return {
    open: async () => {
      journal = new SlowJournal(storage);
      return journal;
    },
    crash: async () => journal?.crash(),
    dispose: async () => {},
  };
});
