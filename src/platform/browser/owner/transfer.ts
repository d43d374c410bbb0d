/** Export, import and erase: requests like any other, but of paths that no service has. */
import { readAllBytes, type UniversalServerRequest, type UniversalServerResponse } from "@connectrpc/connect/protocol";
import { JournalError } from "../../../journal/index.ts";
import type { Etcd } from "../../../server/index.ts";
import type { Route } from "../bridge/server.ts";
import { type BucketRows, exportFile, FileError, parseFile } from "../file/export.ts";
import { TransferPath } from "../names.ts";
import { checkRows, rowsOf } from "./rows.ts";

export interface TransferOptions {
  readonly etcd: () => Promise<Etcd>;
  /** @param reason what open streams end with */
  readonly replace: (parts: readonly BucketRows[], reason: string) => Promise<void>;
}

export function transferRoutes({ etcd, replace }: TransferOptions): ReadonlyMap<string, Route> {
  const run = async (change: () => Promise<void>): Promise<UniversalServerResponse> => {
    try {
      await change();
      return { status: 200 };
    } catch (error) {
      return refusal(error);
    }
  };
  return new Map<string, Route>([
    [TransferPath.export, { handler: async () => ({ status: 200, body: exportFile(rowsOf(await etcd())) }) }],
    [
      TransferPath.import,
      {
        handler: (request) =>
          run(async () => {
            const parts = parseFile(await bytesOf(request));
            checkRows(parts);
            await replace(parts, "the store's content was replaced by a file's");
          }),
      },
    ],
    [TransferPath.erase, { handler: () => run(() => replace([], "the store was erased")) }],
  ]);
}

function bytesOf(request: UniversalServerRequest): Promise<Uint8Array> {
  return readAllBytes(request.body as AsyncIterable<Uint8Array>, Number.MAX_SAFE_INTEGER);
}

/** The message is for people. */
function refusal(error: unknown): UniversalServerResponse {
  const isFile = error instanceof FileError || error instanceof JournalError;
  const message = error instanceof Error ? error.message : String(error);
  const bytes = new TextEncoder().encode(isFile ? message : `the browser could not keep it: ${message}`);
  return {
    status: isFile ? 400 : 507,
    body: (async function* () {
      yield bytes;
    })(),
  };
}
