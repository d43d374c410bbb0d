/**
 * The files of the web page. They are listed once, at the start, and requests are looked up in that list:
 * no path, however it is written, names anything else. Links are not listed, and what became one since then is not
 * followed.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { endWhole } from "./reply.ts";
import type { HttpRequest, HttpResponse } from "./types.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/**
 * The page brings its own policy along (web/build/policy.ts), for hosts that send none; this says the same, and what
 * can only be said here: nobody may frame it. The two pages differ in one thing, so what is the page's own decides:
 * `<etcd-playground>` carries its worker within itself.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "manifest-src 'self'",
  "worker-src 'self' blob:",
  "connect-src 'self' http: https:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What the page has no use for, and so nothing in it may ask for. */
const DENIED_FEATURES = [
  ...["accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture", "encrypted-media"],
  ...["fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone"],
  ...["midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb"],
  ...["xr-spatial-tracking"],
];

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  // No page that opens this one, or is opened by it, gets hold of its window.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": DENIED_FEATURES.map((feature) => `${feature}=()`).join(", "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** The build names these files by their content, so that they never change. */
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/;
const FOREVER = "public, max-age=31536000, immutable";
const COMPRESSED = new Set([".css", ".html", ".js", ".json", ".map", ".svg", ".txt", ".wasm", ".webmanifest"]);
const MIN_COMPRESSED_BYTES = 1024;

/** Tells the page that it comes from an etcd, which it then explores. */
const SERVER_MARK = '<meta name="etcdlite-server" content="yes" />';

interface StaticFile {
  readonly file: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** What is sent, and by which names a browser knows it. */
interface Content {
  readonly body: Uint8Array;
  readonly etag: string;
}

const gzipped = promisify(gzip);

export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>;
  /** By etag of what is compressed. */
  readonly #compressed = new Map<string, Promise<Uint8Array>>();

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  /** @param folder where there is none: no files */
  static async of(folder: string): Promise<StaticFiles> {
    const files = new Map<string, StaticFile>();
    const root = await realpath(folder).catch(() => folder);
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const contentType = CONTENT_TYPES[path.extname(entry.name)];
      // Only plain files: a link may lead out of the folder.
      if (!entry.isFile() || contentType === undefined) continue;
      const file = path.join(entry.parentPath, entry.name);
      const url = `/${path.relative(root, file).split(path.sep).join("/")}`;
      const served = { file, contentType, cacheControl: HASHED.test(url) ? FOREVER : "no-cache" };
      files.set(url, served);
      if (entry.name === "index.html") files.set(url.slice(0, -"index.html".length), served);
    }
    return new StaticFiles(files);
  }

  has(urlPath: string): boolean {
    return this.#files.has(urlPath);
  }

  async serve(urlPath: string, request: HttpRequest, response: HttpResponse): Promise<void> {
    const found = this.#files.get(urlPath) as StaticFile;
    if ((await realpath(found.file)) !== found.file) throw new Error("it has become a link");
    const plain = contentOf(found, await readFile(found.file));
    const zip = isCompressed(found, plain, request);
    const { body, etag } = zip ? await this.#zip(plain) : plain;
    const headers = {
      ...HEADERS,
      "content-type": found.contentType,
      "cache-control": found.cacheControl,
      vary: [response.getHeader("vary"), "Accept-Encoding"].filter(Boolean).join(", "),
      etag,
      ...(zip && { "content-encoding": "gzip" }),
    };
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    response.writeHead(200, { ...headers, "content-length": body.length });
    if (request.method === "HEAD") response.end();
    else endWhole(response, body);
  }

  async #zip({ body, etag }: Content): Promise<Content> {
    const held = this.#compressed.get(etag) ?? gzipped(body);
    this.#compressed.set(etag, held);
    return { body: await held, etag: `${etag.slice(0, -1)}-gz"` };
  }
}

function contentOf({ contentType }: StaticFile, bytes: Buffer): Content {
  const isPage = contentType.startsWith("text/html");
  const body = isPage ? Buffer.from(bytes.toString().replace(/<head>/i, `$&${SERVER_MARK}`)) : bytes;
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
}

function isCompressed({ file }: StaticFile, { body }: Content, request: HttpRequest): boolean {
  if (body.length < MIN_COMPRESSED_BYTES || !COMPRESSED.has(path.extname(file))) return false;
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(request.headers["accept-encoding"] ?? ""));
}
