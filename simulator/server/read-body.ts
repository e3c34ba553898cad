import type { IncomingMessage } from "node:http";

const BODY_BYTES_MAX = 1_048_576;

/** The whole body as text, or null if it is larger than 1 MiB. Rejects if the connection breaks off. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
