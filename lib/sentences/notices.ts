interface NoticeWords {
  readonly tone: "info" | "warn" | "bad";
  readonly sentence: (detail: string) => string;
}

/** What a dashboard notice says. `detail` is a count or a reason, by code. */
const NOTICES: Readonly<Record<string, NoticeWords>> = {
  PLATFORM_NOT_ACTIVE: { tone: "bad", sentence: (state) => `Trading is ${state.toLowerCase()} on the whole platform.` },
  WORKSPACE_NOT_ACTIVE: { tone: "bad", sentence: (reason) => `Trading is held back in this workspace: ${reason.toLowerCase()}.` },
  NO_WORKER: { tone: "bad", sentence: () => "Nothing executes orders at the moment. New orders wait until a worker is back." },
  ORDERS_UNKNOWN: {
    tone: "warn",
    sentence: (count) =>
      `${count === "1" ? "One order has" : `${count} orders have`} an unknown outcome, being looked up at the venue.`,
  },
  ACCOUNTS_NOT_RECONCILED: {
    tone: "warn",
    sentence: (count) =>
      `${count === "1" ? "One venue account has" : `${count} venue accounts have`} not been compared with the ledger.`,
  },
  ACCOUNTS_INVALID: {
    tone: "bad",
    sentence: (count) => `The key of ${count === "1" ? "one venue account" : `${count} venue accounts`} is refused by the venue.`,
  },
  ASSETS_NOT_PRICED: {
    tone: "warn",
    sentence: (assets) =>
      `Not priced: ${assets}. No venue has a price of ${assets.includes(",") ? "these" : "it"}, so equity leaves ${assets.includes(",") ? "them" : "it"} out.`,
  },
  NO_VENUE: { tone: "info", sentence: () => "Connect a venue to start trading." },
};

/** Tone and sentence of a notice; one that this version does not know shows its code. */
export function describeNotice(code: string, detail: string): { tone: "info" | "warn" | "bad"; sentence: string } {
  const words = NOTICES[code];
  return words === undefined
    ? { tone: "info", sentence: detail === "" ? code : `${code}: ${detail}` }
    : { tone: words.tone, sentence: words.sentence(detail) };
}
