import { type FormEvent, useState } from "react";
import { go } from "../app/route.ts";
import { formatEndpoint } from "../store/endpoint.ts";
import { Button, Dialog, TextField } from "../ui/index.ts";

/** Opens another store in this browser, which is made if there is none of that name. */
export default function StoreDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const valid = /^[\w.-]{1,64}$/.test(name);
  const open = (event?: FormEvent): void => {
    event?.preventDefault();
    if (!valid) return;
    onClose();
    go({ connection: formatEndpoint({ kind: "browser", name }), key: undefined, revision: undefined });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Open a store in this browser"
      description="A whole etcd that runs in this page and is kept in this browser. Stores of different names have nothing in common."
      actions={
        <Button tone="primary" disabled={!valid} onClick={() => open()}>
          Open
        </Button>
      }
    >
      <form onSubmit={open}>
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          placeholder="notes"
          hint="Letters, digits, dots, dashes and underscores; “default” is the store that the page opens on"
          error={name === "" || valid ? undefined : "Letters, digits, . - and _ only, at most 64"}
          autoFocus
          mono
        />
      </form>
    </Dialog>
  );
}
