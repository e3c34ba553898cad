import { denialSentence as sentenceOf, isDenialCode } from "#server/domain/risk/denial-codes.ts";
import { isAppErrorCode, sentenceOfCode } from "#lib/errors/app-error.ts";
import { toDecimal } from "#lib/format/decimal.ts";
import { formatQuantity } from "#lib/format/number.ts";

const DETAIL_NAMES: Readonly<Record<string, string>> = {
  value: "this order",
  source: "set by",
};

/** The facts of a refusal in words, amounts with their asset. */
function factsOf(details: Readonly<Record<string, string>>): string {
  const { asset, ...facts } = details;
  const said = Object.entries(facts).map(([name, value]) => {
    const isAmount = toDecimal(value) !== null;
    const amount =
      isAmount && asset !== undefined ? `${formatQuantity(value)} ${asset}` : isAmount ? formatQuantity(value) : value;
    return `${DETAIL_NAMES[name] ?? name.replaceAll("_", " ")} ${amount}`;
  });
  return (said.length === 0 && asset !== undefined ? [asset] : said).join(", ");
}

/** Why an order ended at the venue although nobody here asked for it. */
const ENDED_BY_VENUE: Readonly<Record<string, string>> = {
  DEAD_MAN_SWITCH: "The venue canceled it by its dead man's switch, which Nija could not renew in time.",
};

/** The sentence for the reason that is stored with an order, whoever gave it. */
export function describeReason(code: string): string {
  return ENDED_BY_VENUE[code] ?? describeDenial(code, null);
}

/** The sentence for a denial code with its facts behind it; unknown codes are shown as they are rather than hidden. */
export function describeDenial(code: string, details: Readonly<Record<string, string>> | null): string {
  const sentence = isDenialCode(code) ? sentenceOf(code) : isAppErrorCode(code) ? sentenceOfCode(code) : `Refused: ${code}.`;
  const facts = factsOf(details ?? {});
  return facts === "" ? sentence : `${sentence.replace(/\.$/, "")} (${facts}).`;
}
