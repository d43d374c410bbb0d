import { ConnectError } from "@connectrpc/connect";
import { go } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import type { Connection } from "../store/connection.ts";
import { addSample, removeSample } from "./sampleStore.ts";
import { setTour } from "./tour.ts";

/** Takes the sample data out of the store, with the ticker that would put some back. */
export async function removeSampleWithUndo(connection: Connection): Promise<void> {
  setTour({ ticking: false });
  try {
    const removed = await removeSample(connection);
    if (removed.length === 0) {
      toast({ title: "There is no sample data in this store" });
      return;
    }
    go({ key: undefined });
    toast({
      tone: "success",
      title: `Sample data removed: ${removed.length} keys`,
      action: { label: "Undo", run: () => void addSample(connection) },
    });
  } catch (error) {
    toast({ tone: "danger", title: "The sample data was not removed", detail: ConnectError.from(error).rawMessage });
  }
}
