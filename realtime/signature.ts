import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA256 in lower-case hex, as the Pusher protocol signs everything. */
function sign(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text, "utf8").digest("hex");
}

function isSame(given: string, expected: string): boolean {
  const left = Buffer.from(given, "utf8");
  const right = Buffer.from(expected, "utf8");
  return left.length === right.length && timingSafeEqual(left, right);
}

export interface AppKeys {
  readonly key: string;
  readonly secret: string;
}

/** True when `auth` ("key:signature") lets exactly this socket into exactly this channel. */
export function isChannelAuthorised(
  { key, secret }: AppKeys,
  socketId: string,
  channel: string,
  auth: string,
  channelData?: string,
): boolean {
  const text = channelData === undefined ? `${socketId}:${channel}` : `${socketId}:${channel}:${channelData}`;
  return isSame(auth, `${key}:${sign(secret, text)}`);
}

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly body: string;
  readonly nowMs: number;
}

/** How far the caller's clock may be off. */
const CLOCK_SKEW_S_MAX = 600;

/** Null when the request is signed by somebody who has the secret, for this path, these parameters and this body; else why not. */
export function findSignatureProblem({ key, secret }: AppKeys, request: SignedRequest): string | null {
  const params = readQuery(request.query);
  if (params === null) return "the query is not readable";
  const text = (name: string): string => params.get(name) ?? "";
  if (!isSame(text("auth_key"), key)) return "auth_key is not this app's";
  if (text("auth_version") !== "1.0") return "auth_version must be 1.0";
  const timestamp = Number(text("auth_timestamp"));
  if (!/^\d{1,12}$/.test(text("auth_timestamp")) || Math.abs(request.nowMs / 1_000 - timestamp) > CLOCK_SKEW_S_MAX) {
    return `auth_timestamp is more than ${CLOCK_SKEW_S_MAX} s away from the server's clock`;
  }
  const bodyMd5 = createHash("md5").update(request.body, "utf8").digest("hex");
  // INVARIANT: a signed request carries its own body and no other; one with a body always signs it.
  if (request.body !== "" || params.has("body_md5")) {
    if (!isSame(text("body_md5"), bodyMd5)) return "body_md5 does not match the body";
  }
  const signed = [...params]
    .filter(([name]) => name !== "auth_signature")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const expected = sign(secret, [request.method, request.path, signed].join("\n"));
  return isSame(text("auth_signature"), expected) ? null : "auth_signature does not match";
}

/** Names in lower case, values decoded once. Null when it cannot be decoded or a name comes twice: which one was signed is a guess. */
function readQuery(query: string): Map<string, string> | null {
  const params = new Map<string, string>();
  for (const pair of query.split("&").filter((part) => part !== "")) {
    const at = pair.indexOf("=");
    const name = (at < 0 ? pair : pair.slice(0, at)).toLowerCase();
    if (params.has(name)) return null;
    try {
      params.set(name, at < 0 ? "" : decodeURIComponent(pair.slice(at + 1)));
    } catch {
      return null;
    }
  }
  return params;
}
