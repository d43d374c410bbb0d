/** The server asks silent HTTP/2 connections whether anyone is there. */
import { expect, onTestFinished, test } from "vitest";
import { HTTP2_PREFACE } from "../../../src/platform/node/listen/protocol-sniffer.ts";
import { VirtualClock } from "../../support/clock.ts";
import { startFront } from "./support/front.ts";
import { RawClient, RawSocket } from "./support/raw.ts";

const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
/** Of 8 bytes, type 6, neither flags nor stream. */
const PING = "\x00\x00\x08\x06\x00\x00\x00\x00\x00";
const times = { intervalMs: 10_000, timeoutMs: 1000 };

/** A client that never answers. */
async function mute(port: number): Promise<RawSocket> {
  const client = await RawSocket.connect(port);
  await client.send(Buffer.concat([HTTP2_PREFACE, SETTINGS]));
  // The server's settings, and its acknowledgement of ours.
  await client.received((text) => text.includes("\x00\x00\x00\x04\x01\x00\x00\x00\x00"));
  return client;
}

test("a silent client is pinged after the interval, and cut when it does not answer in time", async () => {
  const clock = new VirtualClock();
  const { port, logged } = await startFront({ clock, keepAlive: { ...times } });
  const client = await mute(port);
  clock.advance(times.intervalMs);
  clock.advance(times.intervalMs);
  await client.received((text) => text.includes(PING));
  clock.advance(times.timeoutMs - 1);
  expect(client.socket.destroyed).toBe(false);
  clock.advance(1);
  await client.closed;
  expect(logged.join("\n")).toContain("a client did not answer a ping");
});

test("one that answers is pinged again, and stays", async () => {
  const clock = new VirtualClock();
  const { url } = await startFront({ clock, keepAlive: { ...times } });
  const client = await RawClient.connect(url);
  onTestFinished(() => client.session.destroy());
  await new Promise((resolve) => client.session.ping(resolve));
  for (let i = 0; i < 5; i++) {
    const pinged = new Promise((resolve) => client.session.once("ping", resolve));
    clock.advance(times.intervalMs);
    clock.advance(times.intervalMs);
    await pinged;
    // Its answer is there once that of a ping of ours is.
    await new Promise((resolve) => client.session.ping(resolve));
  }
  expect(client.session.destroyed).toBe(false);
});

test.each([{ intervalMs: 0 }, { timeoutMs: 0 }])("%j is no ping at all", async (off) => {
  const clock = new VirtualClock();
  const { port } = await startFront({ clock, keepAlive: { ...times, ...off } });
  const client = await mute(port);
  clock.advance(10 * times.intervalMs);
  const second = await mute(port);
  second.socket.destroy();
  expect(client.socket.destroyed).toBe(false);
});
