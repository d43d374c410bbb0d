/** What a SqliteJournal and its thread say to one another: each request is answered, in their order. */
import type { Bucket } from "../../../journal/index.ts";

export type Request =
  | { readonly kind: "write"; readonly packed: Uint8Array<ArrayBuffer> }
  | { readonly kind: "rows"; readonly bucket: Bucket; readonly after: Uint8Array | undefined }
  | { readonly kind: "close" };

export type Reply =
  /** Rows are packed; undefined where there is nothing to tell, or no row is left. */
  | { readonly packed: Uint8Array<ArrayBuffer> | undefined }
  | { readonly failure: { readonly name: string; readonly message: string } };
