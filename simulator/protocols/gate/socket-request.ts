/** One message of a client, as far as every channel needs it. */
export interface SocketRequest {
  readonly id: unknown;
  readonly channel: string;
  readonly event: string;
  /** Seconds, as written: signatures are over it. */
  readonly time: string;
  readonly payload: unknown;
  /** The payload where it is a list of texts. */
  readonly names: readonly string[];
  readonly auth: { readonly key: string; readonly signature: string } | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function textOrEmpty(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Undefined for what is not a request. */
export function parseSocketRequest(text: string): SocketRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { id, channel, event, time, payload, auth } = fieldsOf(value);
  if (typeof channel !== "string") return undefined;
  const { method, KEY: key, SIGN: signature } = fieldsOf(auth);
  const signed = method === "api_key" && typeof key === "string" && typeof signature === "string";
  return {
    id,
    channel,
    event: textOrEmpty(event),
    time: textOrEmpty(time),
    payload,
    names: Array.isArray(payload) ? payload.map(textOrEmpty) : [],
    auth: signed ? { key, signature } : undefined,
  };
}
