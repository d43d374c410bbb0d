import { Download } from "lucide-react";
import { useState } from "react";
import type { BrowserStore } from "../../../src/platform/browser/index.ts";
import { useConnection } from "../app/context.ts";
import { toast } from "../app/toasts.ts";
import { sizeText } from "../store/bytes.ts";
import { Banner, Button, Confirm } from "../ui/index.ts";
import { FilePicker } from "./FilePicker.tsx";
import { download } from "./sink.ts";
import { useTask } from "./task.ts";

/** Everything that a store in this browser holds, as one file: revisions and leases too. */
export function StoreFileCard({ store }: { readonly store: BrowserStore }) {
  const connection = useConnection();
  const [asking, setAsking] = useState<File>();
  const task = useTask<string>();
  const save = (): void => {
    void task.run(async () => {
      const blob = await store.export();
      download(blob, `${store.name}.etcdlite`);
      return `The store was written to a file of ${sizeText(blob.size)}`;
    });
  };
  const load = (file: File): void => {
    void task.run(async () => {
      await store.import(file);
      await connection.check();
      toast({ tone: "success", title: "The store was replaced by the file" });
      return `The store now holds what ${file.name} held`;
    });
  };
  return (
    <section className="card" aria-label="The whole store">
      <h2>The whole store</h2>
      <p className="muted">
        One file with everything in this browser's store: keys, their history since the last compaction, revisions and
        leases. Opening one, or the snapshot of an etcd, replaces what is here; a damaged file is refused and changes
        nothing.
      </p>
      <div className="row row-wrap">
        <Button icon={<Download />} disabled={task.state.phase === "running"} onClick={save}>
          Save the store as a file
        </Button>
      </div>
      <FilePicker
        label="Open a store file or an etcd snapshot"
        disabled={task.state.phase === "running"}
        onChoose={setAsking}
      />
      {task.state.phase === "done" && <Banner tone="success" title={task.state.result} />}
      {task.state.phase === "failed" && (
        <Banner tone="danger" title="That did not work">
          {task.state.message}
        </Banner>
      )}
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title="Replace the whole store?"
        verb="Replace"
        danger
        typed={store.name}
        onConfirm={() => asking !== undefined && load(asking)}
      >
        <p>
          Every key, revision and lease in “{store.name}” goes, and {asking?.name} takes their place. This cannot be
          undone: save the store as a file first if you may want it back.
        </p>
      </Confirm>
    </section>
  );
}
