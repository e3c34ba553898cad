import { denialSentence as sentenceOf, isDenialCode } from "#server/domain/risk/denial-codes.ts";
import { isAppErrorCode, sentenceOfCode } from "#lib/errors/app-error.ts";

const DETAIL_NAMES: Readonly<Record<string, string>> = {
  limit: "limit",
  value: "this order",
  source: "set by",
  minimum: "minimum",
  step: "step",
  tick: "tick",
  available: "available",
  needed: "needed",
  asset: "asset",
  held: "held",
};

/** The sentence for a denial code with its facts behind it; unknown codes are shown as they are rather than hidden. */
export function describeDenial(code: string, details: Readonly<Record<string, string>> | null): string {
  const sentence = isDenialCode(code) ? sentenceOf(code) : isAppErrorCode(code) ? sentenceOfCode(code) : `Refused: ${code}.`;
  const facts = Object.entries(details ?? {}).map(
    ([name, value]) => `${DETAIL_NAMES[name] ?? name.replaceAll("_", " ")} ${value}`,
  );
  return facts.length === 0 ? sentence : `${sentence} (${facts.join(", ")})`;
}
