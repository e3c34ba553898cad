import { AppError } from "#server/errors.ts";

/** Enough for ten calls in one batch and for the longest private key; far below what would hurt. */
export const BODY_BYTES_MAX = 256 * 1024;

/**
 * The body as text, null when there is none. Throws `INPUT_TOO_LARGE` as soon as more than `bytesMax` have come, whatever the
 * Content-Length claims, and `INPUT_INVALID` for bytes that are no UTF-8.
 */
export async function readBody(request: Request, bytesMax = BODY_BYTES_MAX): Promise<string | null> {
  if (Number(request.headers.get("content-length") ?? "0") > bytesMax) throw new AppError("INPUT_TOO_LARGE");
  if (request.body === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream, so the rest is never read.
    if (size > bytesMax) throw new AppError("INPUT_TOO_LARGE");
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new AppError("INPUT_INVALID", { input: "Not UTF-8" }, { cause });
  }
}
