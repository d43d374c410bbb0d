import { Banner, Button } from "../ui/index.ts";
import type { NotLiveReason } from "./useLiveEvents.ts";

interface NotLiveProps {
  /** `This list` */
  readonly what: string;
  readonly reason: NotLiveReason | undefined;
}

/** Says of something that is shown that changes do not reach it, and why; nothing where they do. */
export function NotLive({ what, reason }: NotLiveProps) {
  if (reason === undefined) return null;
  return (
    <Banner
      tone="warning"
      title={`${what} is not live`}
      actions={
        <Button small onClick={reason.retry}>
          Watch again
        </Button>
      }
    >
      The server refuses to tell of changes: {reason.error.rawMessage}.
    </Banner>
  );
}
