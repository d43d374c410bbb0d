import type { ConnectError } from "@connectrpc/connect";
import type { Session } from "../store/session.ts";
import { Banner, Button } from "../ui/index.ts";
import { authNeeded } from "./explain.ts";

/** For as long as somebody has to sign in, and would not in the dialog. */
export default function SignInBanner({
  session,
  refusal,
}: {
  readonly session: Session;
  readonly refusal: ConnectError;
}) {
  const { title, detail } = authNeeded(refusal);
  return (
    <Banner
      tone="warning"
      title={title}
      actions={
        <Button small tone="primary" onClick={() => session.ask()}>
          Sign in…
        </Button>
      }
    >
      {detail}
    </Banner>
  );
}
