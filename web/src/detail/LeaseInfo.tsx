import { useEffect, useState } from "react";
import { useConnection } from "../app/context.ts";
import { go, linkTo } from "../app/route.ts";
import { leaseText } from "./record.ts";

const ASK_EVERY_MS = 10_000;
const TICK_MS = 1_000;

/** The lease of a key, and how long it has left: asked from time to time and counted down between. */
export function LeaseInfo({ lease }: { readonly lease: bigint }) {
  const leftS = useTimeToLive(lease);
  return (
    <span>
      <a
        href={linkTo({ screen: "leases" })}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          go({ screen: "leases" });
        }}
      >
        <span className="mono">{leaseText(lease)}</span>
      </a>
      {leftS !== undefined && <span className="muted"> {leftText(leftS)}</span>}
    </span>
  );
}

/** A key goes when its delete is seen, and not by this clock. */
function leftText(leftS: number): string {
  if (leftS < 0) return "ended";
  return leftS === 0 ? "ending" : `${durationText(leftS)} left`;
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} days`;
}

function useTimeToLive(lease: bigint): number | undefined {
  const { clients } = useConnection();
  const [leftS, setLeftS] = useState<number>();
  useEffect(() => {
    let left = false;
    const ask = async (): Promise<void> => {
      try {
        const { TTL } = await clients.lease.leaseTimeToLive({ ID: lease });
        if (!left) setLeftS(Number(TTL));
      } catch {
        if (!left) setLeftS(undefined);
      }
    };
    void ask();
    const asking = setInterval(() => void ask(), ASK_EVERY_MS);
    const ticking = setInterval(() => setLeftS((held) => (held === undefined || held <= 0 ? held : held - 1)), TICK_MS);
    return () => {
      left = true;
      clearInterval(asking);
      clearInterval(ticking);
    };
  }, [clients, lease]);
  return leftS;
}
