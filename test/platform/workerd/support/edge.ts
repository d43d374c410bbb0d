import { connect, createServer, type Socket } from "node:net";

export interface Edge {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * What stands between clients and Workers on the platform, in the one thing that counts here: it tells a Worker that
 * its client has left. The workerd of tests takes the end of a connection for the end of what the client sends, and
 * notices only one that is reset.
 */
export async function startEdge(port: number): Promise<Edge> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const worker = connect(port, "127.0.0.1");
    for (const socket of [client, worker]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => open.delete(socket));
    }
    client.pipe(worker, { end: false });
    worker.pipe(client);
    client.on("close", () => worker.resetAndDestroy());
    worker.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the edge has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
