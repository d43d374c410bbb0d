/**
 * The keys of a store as rows: a tree of folders, or one flat list. It loads what is looked at, lets go what was
 * looked at longest ago, and applies changes as they come in, so it never holds all keys of a large store.
 *
 *     look(first, last)   what the view shows; the rest follows from it
 *     row(at)             a row by its number, loaded or not
 *     apply(changes)      what a watch told
 */
import { compareBytes, equalBytes, prefixRange, startsWith } from "../../store/bytes.ts";
import { Cell } from "../../ui/cell.ts";
import { growthOf, type KeyChange } from "./change.ts";
import { FolderNode, type Row } from "./foldernode.ts";
import { type Entry, Slot } from "./slot.ts";
import type { Child, ChildrenPage, KeySource } from "./source.ts";

export const PAGE_SIZE = 500;
/** Slots that stay loaded: some 20,000 rows. */
const MAX_LOADED_SLOTS = 40;
/** Who scrolls past a hundred pages waits for none of them but the last. */
const MAX_SLOT_LOADS = 2;
/** More changes at once are a burst: they are gathered, and do not flash. */
const BURST_CHANGES = 30;
const GATHER_MS = 100;
/** What is read again because of changes is read at most so often. */
const REREAD_MS = 400;

export interface KeyTreeOptions {
  readonly source: KeySource;
  readonly prefix: Uint8Array;
  /** Undefined for a flat list. */
  readonly delimiter: Uint8Array | undefined;
  /** 0 for the newest, kept current by `apply`. */
  readonly revision: number;
  readonly now?: () => number;
}

export class KeyTree {
  /** Changes with everything that is to be drawn anew. */
  readonly version = new Cell(0);
  root: FolderNode;
  readonly options: KeyTreeOptions;
  readonly #now: () => number;
  readonly #loaded = new Set<Slot>();
  /** Changes that came in while something was being loaded, which may have been read before them. */
  #recent: KeyChange[] = [];
  #loading = 0;
  #slotLoads = 0;
  #look = 0;
  /** Of a burst, not applied yet. */
  #gathered: KeyChange[] = [];
  #gatherTimer: ReturnType<typeof setTimeout> | undefined;
  #rereadTimer: ReturnType<typeof setTimeout> | undefined;
  #viewed: readonly [number, number] = [0, 0];
  #isClosed = false;
  /** Changes up to it may never come in: what is read at an earlier revision is stale. */
  #missedRevision = 0;
  /** Counts restarts: what was asked for before one is of no use after it. */
  #life = 0;

  constructor(options: KeyTreeOptions) {
    this.options = options;
    this.#now = options.now ?? Date.now;
    this.root = this.#newRoot();
  }

  get isFlat(): boolean {
    return this.options.delimiter === undefined;
  }

  get rowCount(): number {
    return this.root.rowCount;
  }

  /** Whether the first reply is still to come. */
  get isStarting(): boolean {
    return this.root.slots.length === 0 && this.root.moreState !== "failed";
  }

  /** Whether all has been listed, and there is nothing. */
  get #isEmpty(): boolean {
    return !this.isStarting && this.root.next === undefined && this.root.childCount === 0;
  }

  /** Keys that are loaded. */
  get loadedCount(): number {
    let count = 0;
    for (const slot of this.#loaded) {
      for (const { info } of slot.entries ?? []) if (info !== undefined) count++;
    }
    return count;
  }

  /** Begins, or begins again with nothing. */
  async start(): Promise<void> {
    this.#life++;
    this.#isClosed = false;
    this.#loaded.clear();
    this.root = this.#newRoot();
    this.#changed();
    const first = this.isFlat ? this.#loadAnchors() : this.loadMore(this.root);
    const { root } = this;
    await Promise.all([first.then(() => this.#openObvious(root)), this.#loadTotal(root)]);
  }

  /** Who has all keys under `/`, or in one folder, wants to see what is in it: at first, and once there is anything. */
  async #openObvious(root: FolderNode): Promise<void> {
    const { delimiter, prefix } = this.options;
    const entries = root.slots[0]?.entries ?? [];
    if (delimiter === undefined || root !== this.root) return;
    const isDelimiter = ({ path }: Entry): boolean => equalBytes(path.subarray(prefix.length), delimiter);
    const isAlone = entries.length === 1 && root.next === undefined;
    const obvious = isAlone ? entries[0] : entries.find(isDelimiter);
    if (obvious !== undefined) await this.expand(obvious, root.level);
  }

  /** The store is another one, or at an earlier revision than it was. */
  async rewind(): Promise<void> {
    this.#missedRevision = 0;
    await this.start();
  }

  close(): void {
    this.#isClosed = true;
    this.#life++;
    clearTimeout(this.#rereadTimer);
    clearTimeout(this.#gatherTimer);
    this.#gatherTimer = undefined;
    this.#gathered = [];
  }

  row(at: number): Row | undefined {
    return this.root.row(at);
  }

  /** The row of a key or folder; -1 where it is not loaded. */
  locate(path: Uint8Array): number {
    return this.root.locate(path);
  }

  /** Rows from `first` up to but not with `last` are shown: loads what they lack. */
  look(first: number, last: number): void {
    this.#viewed = [first, last];
    const look = ++this.#look;
    for (let at = Math.max(0, first); at < Math.min(last, this.rowCount); at++) {
      const row = this.row(at);
      if (row?.kind === "more" && row.folder.moreState === "idle") void this.loadMore(row.folder);
      if (row?.kind === "pending") this.#see(row.slot, look, this.root);
      if (row?.kind === "entry") {
        const slot = row.folder.slotOf(row.entry.path);
        if (slot !== undefined) this.#see(slot, look, row.folder);
      }
    }
  }

  #see(slot: Slot, look: number, shown: FolderNode): void {
    if (slot.lastLook === look) return;
    slot.lastLook = look;
    if (slot.state !== "idle" || this.#slotLoads >= MAX_SLOT_LOADS) return;
    if (slot.entries === undefined) return void this.#loadSlot(slot, this.#folderOf(slot, shown));
    if (!slot.isStale) return;
    const waitMs = slot.loadedAtMs + REREAD_MS - this.#now();
    if (waitMs <= 0) return void this.#loadSlot(slot, shown);
    this.#rereadTimer ??= setTimeout(() => {
      this.#rereadTimer = undefined;
      this.look(...this.#viewed);
    }, waitMs);
  }

  /** The open folder that a slot is part of. */
  #folderOf(slot: Slot, from: FolderNode): FolderNode {
    const find = (folder: FolderNode): FolderNode | undefined => {
      if (folder.slots.includes(slot)) return folder;
      for (const { open } of folder.slots) {
        for (const { node } of open) {
          const found = find(node);
          if (found !== undefined) return found;
        }
      }
      return undefined;
    };
    return find(from) ?? from;
  }

  /** Settles when the first of what is in the folder is loaded. */
  async expand(entry: Entry, level: number): Promise<void> {
    if (entry.info !== undefined || entry.node !== undefined) return;
    entry.node = new FolderNode(entry.chain, level + 1, this.root.shape, entry);
    await this.loadMore(entry.node);
  }

  collapse(entry: Entry): void {
    if (entry.node === undefined) return;
    this.#forget(entry.node);
    entry.node = undefined;
    this.#changed();
  }

  /** Opens the folders down to a key, as far as they are among the first that are loaded. */
  async reveal(key: Uint8Array): Promise<void> {
    let folder: FolderNode | undefined = this.root;
    while (folder !== undefined && !this.#isClosed) {
      const within: FolderNode = folder;
      const entries: readonly Entry[] = within.slots.flatMap((slot) => slot.entries ?? []);
      const entry = entries.find(({ chain, info }) => info === undefined && startsWith(key, chain));
      if (entry === undefined) return;
      await this.expand(entry, within.level);
      folder = entry.node;
    }
  }

  /** Lists on where a folder's listing ends. */
  async loadMore(folder: FolderNode): Promise<void> {
    const { next } = folder;
    if (next === undefined || folder.moreState === "loading") return;
    folder.moreState = "loading";
    this.#changed();
    const isFirst = folder.slots.length === 0;
    await this.#load(
      () => this.#page(folder, isFirst ? undefined : next, PAGE_SIZE),
      (page) => {
        folder.moreState = "idle";
        const slot = new Slot(next, 0, page.revision);
        folder.slots.push(slot);
        folder.next = page.next;
        this.#fill(folder, slot, page);
        if (page.next !== undefined && folder !== this.root && folder.total === undefined) void this.#loadTotal(folder);
      },
      (error) => {
        folder.moreState = "failed";
        folder.moreError = error;
      },
    );
  }

  /** Tries again what failed. */
  retry(folder: FolderNode): void {
    if (folder === this.root && folder.slots.length === 0) return void this.start();
    folder.moreState = "idle";
    for (const slot of folder.slots) if (slot.state === "failed") slot.state = "idle";
    this.look(...this.#viewed);
    this.#changed();
  }

  /** What a watch told, in order. */
  apply(changes: readonly KeyChange[]): void {
    for (const change of changes) this.#gathered.push(change);
    if (this.#gatherTimer !== undefined || this.#gathered.length === 0) return;
    if (this.#gathered.length <= BURST_CHANGES) this.#applyGathered();
    else this.#gatherTimer = setTimeout(() => this.#applyGathered(), GATHER_MS);
  }

  #applyGathered(): void {
    const changes = this.#gathered;
    this.#gathered = [];
    this.#gatherTimer = undefined;
    if (this.#loading > 0) for (const change of changes) this.#recent.push(change);
    const nowMs = changes.length > BURST_CHANGES ? 0 : this.#now();
    const { root } = this;
    const wasEmpty = this.#isEmpty;
    for (const change of changes) root.apply(change, nowMs);
    this.#changed();
    if (wasEmpty) void this.#openObvious(root);
  }

  /** Changes may have been missed up to a revision: what was read before it is read again, once it is shown. */
  missed(revision: number): void {
    this.#missedRevision = revision;
    if (this.root.slots.length === 0) return;
    const isAnchored = this.root.next === undefined && this.root.slots.some((slot) => slot.entries === undefined);
    const isOld = this.root.slots.some((slot) => slot.revision < revision);
    // An empty list has no row that, once it is looked at, would be read again.
    if (isOld && (isAnchored || this.#isEmpty)) return void this.start();
    for (const slot of this.#loaded) slot.isStale ||= slot.revision < revision;
    if (this.root.total !== undefined && this.root.total.revision < revision) void this.#loadTotal(this.root);
    this.look(...this.#viewed);
  }

  #newRoot(): FolderNode {
    const { prefix, delimiter } = this.options;
    return new FolderNode(prefix, 1, { delimiter, onSplit: (slot) => this.#loaded.add(slot) });
  }

  #changed(): void {
    this.root.layout();
    this.version.update((version) => version + 1);
  }

  /** Runs a call; what it brings is dropped where the list began again meanwhile. */
  async #load<T>(
    run: () => Promise<T>,
    done: (result: T) => void,
    failed: (error: unknown) => void,
    ended?: () => void,
  ): Promise<void> {
    const life = this.#life;
    this.#loading++;
    try {
      const result = await run();
      if (life === this.#life) done(result);
    } catch (error) {
      if (life === this.#life) failed(error);
    } finally {
      this.#loading--;
      ended?.();
      if (this.#loading === 0) this.#recent = [];
      if (life === this.#life) this.#changed();
    }
  }

  #page(folder: FolderNode, start: Uint8Array | undefined, limit: number): Promise<ChildrenPage> {
    const { source, delimiter, revision } = this.options;
    const request = { prefix: folder.prefix, revision, start, limit };
    return delimiter === undefined ? source.listKeys(request) : source.listChildren({ ...request, delimiter });
  }

  /** Every page of a flat list at once, unloaded; a server that cannot tell them is listed page by page. */
  async #loadAnchors(): Promise<void> {
    const { root } = this;
    const { source, prefix, revision } = this.options;
    root.moreState = "loading";
    await this.#load(
      () => source.listAnchors(prefix, revision, PAGE_SIZE),
      (anchors) => {
        root.moreState = "idle";
        if (anchors === undefined) return void this.loadMore(root);
        if (anchors.revision < this.#missedRevision) return void this.start();
        const { keys, step, count } = anchors;
        root.slots = keys.map((key, at) => {
          const size = Math.min(step, count - at * step);
          return new Slot(at === 0 ? prefix : key, size, anchors.revision);
        });
        if (root.slots.length === 0) root.slots = [this.#emptySlot(anchors.revision)];
        root.next = undefined;
        root.total = { count, revision: anchors.revision };
        this.#replayTotal(root);
        for (const slot of root.slots) this.#replay(root, slot);
      },
      (error) => {
        root.moreState = "failed";
        root.moreError = error;
      },
    );
  }

  #emptySlot(revision: number): Slot {
    const slot = new Slot(this.options.prefix, 0, revision);
    slot.entries = [];
    this.#loaded.add(slot);
    return slot;
  }

  async #loadTotal(folder: FolderNode): Promise<void> {
    const { source, revision } = this.options;
    await this.#load(
      () => source.count(prefixRange(folder.prefix), revision),
      (total) => {
        if (total.revision < this.#missedRevision) return void this.#loadTotal(folder);
        folder.total = total;
        this.#replayTotal(folder);
      },
      // The list goes on without; whatever keeps the count from being made shows on the list too.
      () => {},
    );
  }

  #replayTotal({ prefix, total }: FolderNode): void {
    for (const change of this.#recent) {
      const { key, modRevision } = change.info;
      if (total !== undefined && modRevision > total.revision && startsWith(key, prefix))
        total.count += growthOf(change);
    }
  }

  async #loadSlot(slot: Slot, folder: FolderNode): Promise<void> {
    slot.state = "loading";
    this.#slotLoads++;
    const start = slot === folder.slots[0] ? undefined : slot.start;
    await this.#load(
      () => this.#page(folder, start, Math.max(PAGE_SIZE, Math.min(2 * PAGE_SIZE, slot.size))),
      (page) => this.#refill(folder, slot, page),
      (error) => {
        slot.state = "failed";
        slot.error = error;
      },
      () => this.#slotLoads--,
    );
  }

  /** A slot was read (again): it ends where the next one begins, and where it has grown, a new one takes the rest. */
  #refill(folder: FolderNode, slot: Slot, page: ChildrenPage): void {
    const at = folder.slots.indexOf(slot);
    if (at === -1) return;
    const end = folder.endOf(slot);
    const isBefore = (path: Uint8Array): boolean => end === undefined || compareBytes(path, end) < 0;
    if (page.next !== undefined && isBefore(page.next)) {
      const rest = new Slot(page.next, Math.max(1, slot.size - page.children.length), page.revision);
      folder.slots.splice(at + 1, 0, rest);
    }
    this.#fill(folder, slot, { ...page, children: page.children.filter(({ path }) => isBefore(path)) });
  }

  #fill(folder: FolderNode, slot: Slot, { children, revision }: ChildrenPage): void {
    for (const { node } of slot.openFolders) if (!isStillThere(node, children)) this.#forget(node);
    slot.fill(children, revision, this.#now());
    slot.isStale = revision < this.#missedRevision;
    slot.lastLook = Math.max(slot.lastLook, this.#look);
    for (const entry of slot.entries ?? []) {
      if (entry.node === undefined || equalBytes(entry.node.prefix, entry.chain)) continue;
      entry.node = new FolderNode(entry.chain, folder.level + 1, folder.shape, entry);
    }
    this.#loaded.add(slot);
    this.#replay(folder, slot);
    this.#evict();
  }

  #replay(folder: FolderNode, slot: Slot): void {
    const nowMs = this.#now();
    const after = slot.revision;
    for (const change of this.#recent) {
      if (change.info.modRevision > after && startsWith(change.info.key, folder.prefix)) {
        folder.applyTo(slot, change, nowMs);
      }
    }
  }

  #forget(folder: FolderNode): void {
    for (const slot of folder.slots) {
      this.#loaded.delete(slot);
      for (const { node } of slot.openFolders) this.#forget(node);
    }
  }

  /** Lets go of what was looked at longest ago. */
  #evict(): void {
    const excess = this.#loaded.size - MAX_LOADED_SLOTS;
    if (excess <= 0) return;
    const idle = [...this.#loaded].filter((slot) => slot.lastLook < this.#look && slot.openFolders.length === 0);
    idle.sort((a, b) => a.lastLook - b.lastLook);
    for (const slot of idle.slice(0, excess)) {
      slot.drop();
      this.#loaded.delete(slot);
    }
  }
}

function isStillThere(node: FolderNode, children: readonly Child[]): boolean {
  return children.some(({ path, chain }) => {
    return node.owner !== undefined && equalBytes(path, node.owner.path) && equalBytes(chain, node.prefix);
  });
}
