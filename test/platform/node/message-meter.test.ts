import { describe, expect, test } from "vitest";
import { MessageMeter } from "../../../src/platform/node/http/message-meter.ts";
import { fc } from "../../support/property.ts";
import { frame } from "./support/raw.ts";

describe("messages in envelopes", () => {
  test("are told when they are whole, however they are cut", () => {
    const sizes = fc.array(fc.nat({ max: 300 }), { maxLength: 10 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 400 }), (messages, pieceBytes) => {
        const meter = new MessageMeter(true);
        const body = Buffer.concat(messages.map((bytes) => frame(Buffer.alloc(bytes, 7))));
        const ends = new Map<number, number>();
        let end = 0;
        for (const bytes of messages) {
          end += 5 + bytes;
          ends.set(end, 5 + bytes);
        }
        for (let at = 0; at < body.length; at += pieceBytes) {
          const piece = body.subarray(at, at + pieceBytes);
          const whole = [...ends].filter(([to]) => to > at && to <= at + piece.length);
          expect(meter.read(piece)).toBe(Math.max(0, ...whole.map(([, bytes]) => bytes)));
          const begin = Math.max(0, ...[...ends.keys()].filter((to) => to <= at + piece.length));
          expect(meter.pendingBytes).toBe(at + piece.length - begin);
        }
      }),
    );
  });

  test("without envelopes a body is one, that ends with it", () => {
    const meter = new MessageMeter(false);
    expect([meter.read(Buffer.alloc(10)), meter.read(Buffer.alloc(20))]).toEqual([0, 0]);
    expect(meter.pendingBytes).toBe(30);
  });
});
