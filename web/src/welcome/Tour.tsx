import { Check, Pause, Play, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useConnection } from "../app/context.ts";
import type { Connection } from "../store/connection.ts";
import { Button, IconButton, useCell } from "../ui/index.ts";
import { removeSampleWithUndo } from "./removeSample.ts";
import { addSample, findSample, seedFreshStore } from "./sampleStore.ts";
import { endTour, setTour, tour } from "./tour.ts";
import { useTicker } from "./useTicker.ts";
import { useTourSteps } from "./useTourSteps.ts";
import "./welcome.css";

/** A put, a watch and an undo, each a click; and the sample data to look around in. */
export default function Tour() {
  const connection = useConnection();
  const { ticking } = useCell(tour);
  const [sample, setSample] = useSample(connection);
  useTicker(connection, ticking);
  return (
    <section className="welcome" aria-label="Welcome">
      <div className="welcome-head">
        <h2 className="grow">This is a whole etcd, in your browser</h2>
        <IconButton label="End the tour" small onClick={endTour}>
          <X />
        </IconButton>
      </div>
      <p className="muted">
        Keys, revisions, watches and leases, with no server.{" "}
        {sample === "there" ? "The keys are samples to look around in." : "Try it out:"}
      </p>
      <Steps connection={connection} />
      <div className="row row-wrap welcome-foot">
        <Button small tone="quiet" icon={ticking ? <Pause /> : <Play />} onClick={() => setTour({ ticking: !ticking })}>
          {ticking ? "Stop the ticker at /demo/clock" : "Tick at /demo/clock"}
        </Button>
        {sample === "there" ? (
          <Button
            small
            tone="quiet"
            onClick={() => void removeSampleWithUndo(connection).then(() => setSample("none"))}
          >
            Remove the sample data
          </Button>
        ) : (
          <Button small tone="quiet" onClick={() => void addSample(connection).then(() => setSample("there"))}>
            Add sample data
          </Button>
        )}
      </div>
    </section>
  );
}

function Steps({ connection }: { readonly connection: Connection }) {
  const steps = useTourSteps(connection);
  return (
    <ol className="welcome-steps">
      {steps.map(({ title, note, done, ready, run }, at) => (
        <li key={title}>
          <Button tone={ready && !done ? "primary" : "plain"} disabled={!ready} onClick={() => void run()}>
            {done ? <Check aria-hidden /> : <span className="welcome-number">{at + 1}</span>}
            {title}
            {done && <span className="visually-hidden"> (done)</span>}
          </Button>
          <span className="muted">{note}</span>
        </li>
      ))}
    </ol>
  );
}

const seeding = new WeakMap<Connection, Promise<boolean>>();

/** However often the banner comes and goes meanwhile. */
function seedOnce(connection: Connection): Promise<boolean> {
  const started = seeding.get(connection) ?? seedFreshStore(connection);
  seeding.set(connection, started);
  return started;
}

type Sample = "unknown" | "there" | "none";

/** Puts the sample data into a store that was never written to, once; else says whether it is there. */
function useSample(connection: Connection): [Sample, (sample: Sample) => void] {
  const [sample, setSample] = useState<Sample>("unknown");
  useEffect(() => {
    let left = false;
    const look = async (): Promise<void> => {
      if (!tour.value.seeded && (await seedOnce(connection))) setTour({ seeded: true, ticking: true });
      const found = await findSample(connection);
      if (!left) setSample(found.length > 1 ? "there" : "none");
    };
    // What fails here shows in the connection's banner.
    look().catch(() => {});
    return () => {
      left = true;
    };
  }, [connection]);
  return [sample, setSample];
}
