import { lazy, Suspense } from "react";
import { useConnection } from "../app/context.ts";
import type { Connection } from "../store/connection.ts";
import { wantsSignIn } from "../store/refusal.ts";
import { Banner, Button, useCell } from "../ui/index.ts";
import { useStoreState } from "./useStoreState.ts";

const FailureBanner = lazy(() => import("./FailureBanner.tsx"));
const SignInBanner = lazy(() => import("./SignInBanner.tsx"));

/** What is wrong with the connection, for as long as it is. */
export function ConnectionBanner() {
  const connection = useConnection();
  const refusal = useCell(connection.session.refusal);
  return (
    <>
      {connection.endpoint.kind === "browser" ? <StoreBanner connection={connection} /> : <ServerBanner />}
      {refusal !== undefined && (
        <Suspense>
          <SignInBanner session={connection.session} refusal={refusal} />
        </Suspense>
      )}
    </>
  );
}

function ServerBanner() {
  const connection = useConnection();
  const { phase, error } = useCell(connection.status);
  if (phase !== "failed" || error === undefined || wantsSignIn(error)) return null;
  return (
    <Suspense fallback={<Banner tone="danger" title="The server cannot be used" />}>
      <FailureBanner connection={connection} error={error} />
    </Suspense>
  );
}

function StoreBanner({ connection }: { readonly connection: Connection }) {
  const state = useStoreState(connection.browserStore);
  if (state?.role === "closed") {
    return (
      <Banner
        tone="danger"
        title="The store in this browser was closed"
        actions={
          <Button small onClick={() => location.reload()}>
            Open it again
          </Button>
        }
      >
        Nothing is read or written until it is open again.
      </Banner>
    );
  }
  if (state?.role === "electing") {
    return (
      <Banner tone="info" title="Taking over the store">
        The tab that ran it is gone; another takes its place. Watches go on where they were.
      </Banner>
    );
  }
  if (state?.notice === undefined) return null;
  const memory = state.persistence === "memory";
  return (
    <Banner tone="warning" title={memory ? "This store is in memory only" : "The store in this browser"}>
      {state.notice}
      {memory && " Export what you want to keep before the last tab closes."}
    </Banner>
  );
}
