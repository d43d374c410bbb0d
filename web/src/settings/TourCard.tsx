import { ConnectError } from "@connectrpc/connect";
import { useConnection } from "../app/context.ts";
import { go } from "../app/route.ts";
import { toast } from "../app/toasts.ts";
import { Button } from "../ui/index.ts";
import { removeSampleWithUndo } from "../welcome/removeSample.ts";
import { addSample } from "../welcome/sampleStore.ts";
import { startTour } from "../welcome/tour.ts";

/** The first run again, and its sample data. */
export function TourCard() {
  const connection = useConnection();
  const inBrowser = connection.browserStore !== undefined;
  const add = async (): Promise<void> => {
    try {
      const added = await addSample(connection);
      toast({
        tone: "success",
        title: added === 0 ? "The sample data is there already" : `${added} sample keys added`,
      });
    } catch (error) {
      toast({ tone: "danger", title: "Not added", detail: ConnectError.from(error).rawMessage });
    }
  };
  return (
    <section className="card" aria-label="Tour and sample data">
      <h2>Tour and sample data</h2>
      <p className="muted">
        The tour shows a put, a watch and an undo in the store in this browser. Keys that are there already are left as
        they are.
      </p>
      <div className="row row-wrap">
        <Button
          onClick={() => {
            startTour();
            go({ connection: "browser", screen: "keys", key: undefined, revision: undefined });
          }}
        >
          Start the tour
        </Button>
        {inBrowser && <Button onClick={() => void add()}>Add the sample data</Button>}
        {inBrowser && <Button onClick={() => void removeSampleWithUndo(connection)}>Remove the sample data</Button>}
      </div>
    </section>
  );
}
