import { History } from "lucide-react";
import { Popover } from "radix-ui";
import { Button } from "../ui/index.ts";
import { TimeControls } from "./TimeControls.tsx";
import type { Travel } from "./useTravel.ts";

/** The controls of time behind a button, where there is no room for them. */
export default function TimeButton({ travel }: { readonly travel: Travel }) {
  const { revision, latest } = travel;
  const isPast = revision !== undefined;
  return (
    <Popover.Root onOpenChange={(open) => open && travel.refresh()}>
      <Popover.Trigger asChild>
        <Button
          tone="quiet"
          className="travel-button"
          icon={<History aria-hidden />}
          data-on={isPast}
          aria-label={isPast ? `Revision ${revision} of ${latest}` : `Revision: now, ${latest}`}
        >
          {isPast && revision}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu travel-popover" sideOffset={4} collisionPadding={8} aria-label="Revision">
          <TimeControls travel={travel} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
