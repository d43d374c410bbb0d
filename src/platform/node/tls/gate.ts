/**
 * TLS in front of everything else:
 *
 *     socket ──► handshake ──► certificate wanted? verified, allowed, not revoked ──► who waits for it
 *                    └─► refused, and the log says why
 */
import type net from "node:net";
import tls from "node:tls";
import { originOf } from "../listen/address.ts";
import type { Log } from "../log.ts";
import { Credentials } from "./credentials.ts";
import type { TlsOptions } from "./options.ts";
import { PeerPolicy } from "./peer.ts";
import { RevocationList } from "./revocation.ts";

export interface GateOptions {
  readonly tls: TlsOptions;
  /** Where the server listens, for a certificate of its own making. */
  readonly hosts: readonly string[];
  readonly handshakeTimeoutMs: number;
  readonly log: Log;
}

interface Entry {
  /** Who it is, for the log: of a socket that is closed this cannot be told any more. */
  readonly from: string;
  /** By ALPN's names, the best first. */
  readonly protocols: readonly string[];
  readonly entered: (socket: tls.TLSSocket) => void;
}

const UNTRUSTED = "its certificate is from an authority that is not trusted";
/** Deno has this one code for whatever is wrong with a certificate. */
const UNVERIFIED =
  "deno" in process.versions ? "its certificate is not trusted, has expired, or is not for clients" : UNTRUSTED;

const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_SIGNATURE_FAILURE: "its certificate has a wrong signature",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself, not by a trusted authority",
  ERR_SSL_NO_APPLICATION_PROTOCOL: "it speaks neither HTTP/2 nor HTTP/1.1",
  ERR_SSL_NO_SHARED_CIPHER: "it has no cipher suite in common with the server",
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "it has no certificate, and needs one",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "it speaks no version of TLS that the server does",
  ERR_TLS_HANDSHAKE_TIMEOUT: "its handshake took too long",
  INVALID_PURPOSE: "its certificate is not for clients",
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNVERIFIED,
};
/** By the message of OpenSSL, or the code where that is other TLS's. */
const ALERT_OF_CLIENT = /alert[ _](unknown[ _]ca|bad[ _]certificate|certificate[ _]unknown|certificate[ _]expired)/i;

export class TlsGate {
  readonly #options: GateOptions;
  readonly #credentials: Credentials;
  readonly #policy: PeerPolicy;
  readonly #log: Log;
  #context: tls.SecureContextOptions;
  /** By their protocols, which ALPN cannot be told for each connection. */
  readonly #servers = new Map<string, tls.Server>();
  readonly #entries = new WeakMap<object, Entry>();

  private constructor(options: GateOptions, credentials: Credentials, policy: PeerPolicy) {
    this.#options = options;
    this.#credentials = credentials;
    this.#policy = policy;
    this.#log = options.log;
    this.#context = credentials.context();
  }

  /** @throws ConfigError */
  static async open(options: GateOptions): Promise<TlsGate> {
    const credentials = await Credentials.load(options.tls, options.hosts, options.log);
    const { clientCrlFile } = options.tls;
    const revoked = clientCrlFile === undefined ? undefined : await RevocationList.read(clientCrlFile);
    return new TlsGate(options, credentials, new PeerPolicy(options.tls, revoked));
  }

  /** Calls back when the handshake is done and the client is welcome; else the socket is closed. */
  enter(socket: net.Socket, { protocols, entered }: Omit<Entry, "from">): void {
    this.#renew();
    this.#entries.set(socket, { from: originOf(socket), protocols, entered });
    // Until it is secure there is nothing to say to a client that says no more.
    socket.allowHalfOpen = false;
    this.#serverOf(protocols).emit("connection", socket);
  }

  #renew(): void {
    const renewed = this.#credentials.refresh();
    if (renewed === undefined) return;
    this.#context = renewed;
    for (const server of this.#servers.values()) server.setSecureContext(renewed);
  }

  #serverOf(protocols: readonly string[]): tls.Server {
    const name = protocols.join();
    const known = this.#servers.get(name);
    if (known !== undefined) return known;
    const { tls: settings, handshakeTimeoutMs } = this.#options;
    const server = tls.createServer({
      ...this.#context,
      requestCert: settings.trustedCa !== undefined || settings.clientCertAuth === true,
      rejectUnauthorized: true,
      handshakeTimeout: handshakeTimeoutMs,
      ALPNProtocols: [...protocols],
    });
    server.on("secureConnection", (secure) => this.#admit(secure));
    server.on("tlsClientError", (error, secure) => this.#refused(error, secure));
    this.#servers.set(name, server);
    return server;
  }

  /** As whom the connection entered that is secure, or failed. */
  #entryOf(socket: tls.TLSSocket): Entry | undefined {
    // Node has no other word for the socket underneath, which Deno and Bun know as well.
    const { _parent: parent } = socket as { readonly _parent?: object };
    return parent && this.#entries.get(parent);
  }

  #admit(socket: tls.TLSSocket): void {
    socket.on("error", (error) => this.#log.debug("a TLS connection failed", { error: error.message }));
    const entry = this.#entryOf(socket);
    const reason = this.#policy.refusal(socket);
    if (entry !== undefined && reason === undefined) {
      socket.allowHalfOpen = true;
      entry.entered(socket);
      return;
    }
    this.#log.warn("a TLS client was refused", { from: entry?.from, reason });
    socket.destroy();
  }

  #refused(error: NodeJS.ErrnoException, socket: tls.TLSSocket): void {
    const from = this.#entryOf(socket)?.from;
    const code = socket.authorizationError ? String(socket.authorizationError) : (error.code ?? "");
    if (code === "ECONNRESET") this.#log.debug("a TLS client left in the midst of its handshake", { from });
    else if (ALERT_OF_CLIENT.test(`${error.message} ${code}`)) {
      this.#log.warn("a TLS client left: it does not trust the server's certificate", { from, error: error.message });
    } else this.#log.warn("a TLS client was refused", { from, reason: REASONS[code] ?? error.message, code });
    socket.destroy();
  }
}
