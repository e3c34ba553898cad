import type { IncomingMessage } from "node:http";

const BODY_BYTES_MAX = 1_048_576;

/** The whole body as text, or null if it is larger than 1 MiB. Rejects if the connection breaks off. */
export function readBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      // What comes after that is read and forgotten, so that the sender lives to see the answer.
      if (size > BODY_BYTES_MAX) resolve(null);
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.once("error", reject);
    request.once("close", () => reject(new Error("the connection broke off")));
  });
}
