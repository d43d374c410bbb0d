/**
 * Where trees and lists of keys come from: pages of bounded size, without values. A revision of 0 is the newest;
 * each page says what revision it was read at, so that what changed since can be told from what it already has.
 */

/** A half-open range as etcd's requests have it. */
export interface KeyRange {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

/** A key-value without its value. */
export interface KeyInfo {
  readonly key: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** 0 for none. */
  readonly lease: bigint;
  /** Bytes of the value; undefined where the server does not tell it without sending the value. */
  readonly sizeBytes: number | undefined;
}

/** A key, or a folder: all keys that share a name up to and including a delimiter. */
export interface Child {
  /** The whole key; of a folder what all its keys begin with, the delimiter included. */
  readonly path: Uint8Array;
  /** Where one comes to from a folder while there is nothing in it but one more folder; else its path. */
  readonly chain: Uint8Array;
  /** Undefined for a folder. */
  readonly info: KeyInfo | undefined;
}

export interface ChildrenPage {
  /** In order of their paths. */
  readonly children: readonly Child[];
  /** Where the next page starts; undefined where there is none. */
  readonly next: Uint8Array | undefined;
  readonly revision: number;
}

/** Keys at even distances, so that a list can be entered anywhere. */
export interface Anchors {
  /** Keys number 0, step, 2 * step… */
  readonly keys: readonly Uint8Array[];
  readonly step: number;
  readonly count: number;
  readonly revision: number;
}

export interface ListRequest {
  readonly prefix: Uint8Array;
  readonly revision: number;
  /** Where to begin; undefined: with the first. */
  readonly start: Uint8Array | undefined;
  readonly limit: number;
}

export interface KeySource {
  /** What is directly under a prefix. */
  listChildren(request: ListRequest & { readonly delimiter: Uint8Array }): Promise<ChildrenPage>;
  /** Every key under a prefix, as children. */
  listKeys(request: ListRequest): Promise<ChildrenPage>;
  /** Undefined where the server has no such call. */
  listAnchors(prefix: Uint8Array, revision: number, step: number): Promise<Anchors | undefined>;
  count(range: KeyRange, revision: number): Promise<{ readonly count: number; readonly revision: number }>;
}
