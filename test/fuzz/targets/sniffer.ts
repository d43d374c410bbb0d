/** What a connection speaks: once it is known, more bytes change nothing, and few are enough. */
import { HTTP2_PREFACE, protocolOf } from "../../../src/platform/node/listen/protocol-sniffer.ts";
import { hold, type Target, utf8 } from "../target.ts";

export function open(): Target {
  return {
    seeds: [HTTP2_PREFACE, utf8("GET / HTTP/1.1\r\n\r\n"), Uint8Array.of(0x16, 3, 1, 0, 5), utf8("PRI * HTTP/1.1")],
    maxBytes: 64,
    run: (input) => {
      const known = protocolOf(input);
      for (let length = 0; length <= input.length; length++) {
        const before = protocolOf(input.subarray(0, length));
        hold(before === undefined || before === known, "what is known stays");
      }
      hold(known !== undefined || input.length < HTTP2_PREFACE.length, "it is known in time");
      hold(
        (known === "http2") === Buffer.from(input).subarray(0, HTTP2_PREFACE.length).equals(HTTP2_PREFACE),
        "HTTP/2",
      );
    },
  };
}
