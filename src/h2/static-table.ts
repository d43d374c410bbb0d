/** RFC 7541, appendix A: the fields that both sides know from the start. */
const ROWS = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

export interface Field {
  readonly name: string;
  readonly value: string;
}

/** From index 1; there is no 0. */
export const STATIC_TABLE: readonly Field[] = [
  { name: "", value: "" },
  ...ROWS.split("\n").map((row) => {
    const space = row.indexOf(" ");
    return space < 0 ? { name: row, value: "" } : { name: row.slice(0, space), value: row.slice(space + 1) };
  }),
];
export const STATIC_LENGTH = STATIC_TABLE.length - 1;

const byName = new Map<string, number>();
const byField = new Map<string, number>();
for (let index = STATIC_LENGTH; index > 0; index--) {
  const { name, value } = STATIC_TABLE[index] as Field;
  byName.set(name, index);
  byField.set(`${name}\0${value}`, index);
}

/** The index of a field, 0 for none. */
export function staticField(name: string, value: string): number {
  return byField.get(`${name}\0${value}`) ?? 0;
}

/** The first index of a name, 0 for none. */
export function staticName(name: string): number {
  return byName.get(name) ?? 0;
}
