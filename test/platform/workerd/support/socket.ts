/** A WebSocket in a test's hands: messages are taken one by one. */
import { onTestFinished } from "vitest";
import WebSocket from "ws";
import { Queue } from "../../../rpc/support/queue.ts";

export interface SocketClient {
  send(message: object | string): void;
  /** The next message's result, error or whatever it is; `close CODE` at the end. */
  next(): Promise<Message>;
  close(): void;
}

export type Message = Record<string, unknown> & { readonly close?: number };

const PATIENCE_MS = 10_000;

export async function connect(url: string, protocols: string[] = []): Promise<SocketClient> {
  const socket = new WebSocket(url.replace(/^http/, "ws"), protocols);
  onTestFinished(() => socket.terminate());
  const messages = new Queue<Message>();
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as Message;
    messages.push((message.result as Message | undefined) ?? message);
  });
  socket.on("close", (close) => messages.push({ close }));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const taken = messages[Symbol.asyncIterator]();
  return {
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: async () => {
      const timeout = AbortSignal.timeout(PATIENCE_MS);
      const silence = new Promise<never>((_, reject) => {
        timeout.onabort = () => reject(new Error(`no message within ${PATIENCE_MS} ms`));
      });
      const { value } = await Promise.race([taken.next(), silence]);
      return value as Message;
    },
    close: () => socket.close(),
  };
}
