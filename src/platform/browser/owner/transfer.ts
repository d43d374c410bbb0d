/** Export, snapshot, import and erase: requests like any other, but of paths that no service has. */
import { readAllBytes, type UniversalServerRequest, type UniversalServerResponse } from "@connectrpc/connect/protocol";
import { JournalError } from "../../../journal/index.ts";
import { snapshotParts } from "../../../rpc/index.ts";
import type { Etcd } from "../../../server/index.ts";
import { SnapshotError } from "../../../snapshot/index.ts";
import type { Route } from "../bridge/server.ts";
import { type BucketRows, exportFile, FileError, isExportFile, parseFile } from "../file/export.ts";
import { TransferPath } from "../names.ts";
import { checkRows, partsOf, partsOfSnapshot } from "./rows.ts";

/** What is wrong with the file, not with the browser. */
const FILE_ERRORS = [FileError, SnapshotError, JournalError];

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
    [TransferPath.export, { handler: async () => ({ status: 200, body: exportFile(partsOf(await etcd())) }) }],
    [TransferPath.snapshot, { handler: async () => ({ status: 200, body: bytesOfSnapshot(await etcd()) }) }],
    [
      TransferPath.import,
      {
        handler: (request) =>
          run(async () => {
            const file = await bytesOf(request);
            const parts = isExportFile(file) ? parseFile(file) : await partsOfSnapshot(file);
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

async function* bytesOfSnapshot(etcd: Etcd): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of snapshotParts(etcd)) yield bytes;
}

/** The message is for people. */
function refusal(error: unknown): UniversalServerResponse {
  const isFile = FILE_ERRORS.some((type) => error instanceof type);
  const message = error instanceof Error ? error.message : String(error);
  const bytes = new TextEncoder().encode(isFile ? message : `the browser could not keep it: ${message}`);
  return {
    status: isFile ? 400 : 507,
    body: (async function* () {
      yield bytes;
    })(),
  };
}
