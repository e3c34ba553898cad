import { createHash } from "node:crypto";

/**
 * Kraken numbers trades beside its text ids. The engine has one id per trade: its digits if it is a number, else a stable
 * number below 2^48 made from it, so that the same trade has the same number on every channel.
 */
export function publicTradeNumber(id: string): number {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  return createHash("sha256").update(id).digest().readUIntBE(0, 6);
}
