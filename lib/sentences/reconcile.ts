import type { ComparedBalanceDto, MovementDto, ReconciliationDetailDto, ReconciliationDto } from "#lib/contracts/reconcile.ts";
import type { Tone } from "#lib/sentences/orders.ts";

type NameKind = ComparedBalanceDto["names"][number]["kind"];

export const MOVEMENT_WORDS: Readonly<Record<MovementDto["kind"], { label: string; tone: Tone; sentence: string }>> = {
  DEPOSIT: { label: "Deposit", tone: "good", sentence: "The venue tells of it as money that came in." },
  WITHDRAWAL: { label: "Withdrawal", tone: "neutral", sentence: "The venue tells of it as money that left, its fee included." },
  REWARD: { label: "Reward", tone: "good", sentence: "The venue gave it." },
  EXTERNAL_TRADE: { label: "Trade elsewhere", tone: "warn", sentence: "A trade that did not go through Nija." },
  UNKNOWN: {
    label: "Unknown",
    tone: "warn",
    sentence: "The balance changed and no list of the venue that this key may read says why.",
  },
};

export function nameOfDifference(kind: NameKind): { label: string; tone: Tone } {
  return kind === "PENDING" ? { label: "Looked at again", tone: "progress" } : MOVEMENT_WORDS[kind];
}

export const OUTCOME_WORDS: Readonly<Record<ReconciliationDto["outcome"], { label: string; tone: Tone }>> = {
  OK: { label: "Compared", tone: "good" },
  FAILED: { label: "Refused", tone: "bad" },
  UNAVAILABLE: { label: "No answer", tone: "warn" },
};

export const REASON_WORDS: Readonly<Record<ReconciliationDto["reason"], string>> = {
  CONNECT: "when it was connected",
  START: "a worker started",
  RECONNECT: "the stream came back",
  MINUTE: "every minute while orders are open",
  QUARTER_HOUR: "every quarter of an hour",
  FOLLOW_UP: "a difference looked at again",
  LAPSE: "the dead man's switch ran out",
  BY_HAND: "asked for",
};

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** What a run found, in a few words. */
export function describeRun(run: ReconciliationDto): string {
  if (run.outcome !== "OK") return run.failure;
  const parts = [
    ...(run.fillsApplied > 0 ? [`${count(run.fillsApplied, "missed fill", "missed fills")} booked`] : []),
    ...(run.booked > 0 ? [`${count(run.booked, "movement", "movements")} booked`] : []),
    ...(run.pending > 0 ? [`${count(run.pending, "difference", "differences")} not explained yet`] : []),
  ];
  const found = parts.length === 0 ? ["Ledger and venue agree"] : parts;
  const elsewhere =
    run.externalOrders > 0 ? [count(run.externalOrders, "order placed elsewhere", "orders placed elsewhere")] : [];
  return [...found, ...elsewhere].join(", ");
}

export const LIST_WORDS: Readonly<Record<ReconciliationDetailDto["lists"]["state"], string>> = {
  READ: "read",
  NOT_ASKED: "not asked, nothing differed",
  REFUSED: "the key may not read them",
  UNAVAILABLE: "no answer",
};
