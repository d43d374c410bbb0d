import { ConnectError } from "@connectrpc/connect";
import { type FormEvent, useState } from "react";
import type { Connection } from "../store/connection.ts";
import { Banner, Button, Dialog, TextField, useCell } from "../ui/index.ts";
import { endpointTitle } from "./describe.ts";
import { authNeeded, signInRefused } from "./explain.ts";

/** Asks who calls the store. What was under way waits for the answer, and goes on with it. */
export default function SignInDialog({ connection }: { readonly connection: Connection }) {
  const { session, endpoint } = connection;
  const refusal = useCell(session.refusal);
  const [user, setUser] = useState(session.user.value ?? "");
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const signIn = async (event?: FormEvent): Promise<void> => {
    event?.preventDefault();
    if (user === "" || isBusy) return;
    setBusy(true);
    try {
      await connection.signIn(user, password);
      session.asking.set(false);
    } catch (error) {
      const known = ConnectError.from(error);
      setFailure(signInRefused(known) ?? known.rawMessage);
      setBusy(false);
    }
  };
  const where = endpointTitle(endpoint);
  return (
    <Dialog
      open
      onClose={() => session.dismiss()}
      title={`Sign in to ${where === "This browser" ? "the store in this browser" : where}`}
      description="What signs you in is held by this page alone, and forgotten when it closes or you sign out."
      actions={
        <>
          <Button onClick={() => session.dismiss()}>Cancel</Button>
          <Button tone="primary" disabled={user === "" || isBusy} onClick={() => void signIn()}>
            {isBusy ? "Asking…" : "Sign in"}
          </Button>
        </>
      }
    >
      {refusal !== undefined && (
        <Banner tone="info" title={authNeeded(refusal).title}>
          {authNeeded(refusal).detail} What was under way goes on then.
        </Banner>
      )}
      <form onSubmit={(event) => void signIn(event)}>
        <TextField label="User" value={user} onChange={setUser} autoFocus={user === ""} />
        <TextField
          label="Password"
          type="password"
          value={password}
          onChange={(next) => {
            setPassword(next);
            setFailure(undefined);
          }}
          error={failure}
          autoFocus={user !== ""}
        />
        <button type="submit" hidden>
          Sign in
        </button>
      </form>
    </Dialog>
  );
}
