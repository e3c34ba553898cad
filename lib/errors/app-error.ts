import { APP_ERROR_SENTENCES, NETWORK_SENTENCE } from "#lib/sentences/app-errors.ts";
import type { AppErrorCode } from "#server/errors.ts";

/** `NETWORK`: no answer that can be read came back, so nobody knows whether the call had an effect. */
export type ScreenErrorCode = AppErrorCode | "NETWORK";

export interface ScreenError {
  readonly code: ScreenErrorCode;
  readonly details: Readonly<Record<string, string>>;
  readonly sentence: string;
}

export function isAppErrorCode(text: string): text is AppErrorCode {
  return Object.hasOwn(APP_ERROR_SENTENCES, text);
}

export function sentenceOfCode(code: ScreenErrorCode): string {
  return code === "NETWORK" ? NETWORK_SENTENCE : APP_ERROR_SENTENCES[code];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function stringsOf(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}

function made(code: ScreenErrorCode, details: Record<string, string>): ScreenError {
  return { code, details, sentence: sentenceOfCode(code) };
}

/**
 * Reads an error of a tRPC call: the server's formatter puts `code` and `details` into `data`. Anything without a readable
 * answer from our server is `NETWORK`; an answer without a code we know is `INTERNAL`.
 */
export function readAppError(error: unknown): ScreenError {
  const data = isRecord(error) ? error["data"] : undefined;
  if (!isRecord(data)) return made("NETWORK", {});
  const code = data["code"];
  return typeof code === "string" && isAppErrorCode(code) ? made(code, stringsOf(data["details"])) : made("INTERNAL", {});
}
