/** The gateway's streams as a page reads them: a WebSocket on the same path, one message a frame. */
import assert from "node:assert/strict";

export async function watchByWebSocket(url: string): Promise<void> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/v3/watch`);
  const messages = new Messages(socket);
  await messages.opened;
  const key = Buffer.from("websocket").toString("base64");
  socket.send(JSON.stringify({ create_request: { key } }));
  assert.equal((await messages.next()).result.created, true);
  for (const value of ["MQ==", "Mg=="]) {
    await fetch(`${url}/v3/kv/put`, { method: "POST", body: JSON.stringify({ key, value }) });
    const [event] = (await messages.next()).result.events ?? [];
    assert.deepEqual([event?.kv.key, event?.kv.value], [key, value]);
  }
  // Unlike the body of a request, the socket stays open for more.
  socket.send(JSON.stringify({ create_request: { key, watch_id: "9" } }));
  assert.equal((await messages.next()).result.watch_id, "9");
  socket.send(JSON.stringify({ cancel_request: { watch_id: "9" } }));
  assert.equal((await messages.next()).result.canceled, true);
  socket.close();
}

type Message = {
  readonly result: {
    readonly created?: boolean;
    readonly canceled?: boolean;
    readonly watch_id?: string;
    readonly events?: readonly { readonly kv: { readonly key: string; readonly value: string } }[];
  };
};

class Messages {
  readonly opened: Promise<void>;
  private readonly arrived: Message[] = [];
  private wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.opened = new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error(`no WebSocket at ${socket.url}`)));
    });
    socket.addEventListener("message", ({ data }) => {
      this.arrived.push(JSON.parse(String(data)) as Message);
      this.wake();
    });
  }

  async next(): Promise<Message> {
    for (;;) {
      const message = this.arrived.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
