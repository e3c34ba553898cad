/** The venues that users can connect, in the order of the paper venues' ports. */
export const VENUE_IDS = ["binance", "coinbase", "kraken", "okx", "bybit", "kucoin", "gate", "alpaca"] as const;
export type VenueId = (typeof VENUE_IDS)[number];

export const ACCOUNT_MODES = ["PAPER", "LIVE"] as const;
export type AccountMode = (typeof ACCOUNT_MODES)[number];

export const VENUE_NAMES: Record<VenueId, string> = {
  binance: "Binance",
  coinbase: "Coinbase",
  kraken: "Kraken",
  alpaca: "Alpaca",
  okx: "OKX",
  bybit: "Bybit",
  kucoin: "KuCoin",
  gate: "Gate",
};

/** Where an open order can be given another price and quantity; elsewhere it is canceled, and another one takes over. */
export const REPLACES_IN_PLACE: Readonly<Record<VenueId, boolean>> = {
  binance: false,
  coinbase: true,
  kraken: true,
  alpaca: false,
  okx: true,
  bybit: true,
  kucoin: false,
  gate: true,
};

export type CredentialFieldName = "apiKey" | "secret" | "password";

/** One input of the connect form. `multiLine` is set where the venue hands out a PEM block. */
export interface CredentialField {
  readonly name: CredentialFieldName;
  readonly label: string;
  readonly multiLine: boolean;
}

const API_KEY: CredentialField = { name: "apiKey", label: "API key", multiLine: false };
const SECRET: CredentialField = { name: "secret", label: "API secret", multiLine: false };
const PASSPHRASE: CredentialField = { name: "password", label: "Passphrase", multiLine: false };

/** What each venue asks for, in the order its own key page shows it. */
export const CREDENTIAL_FIELDS: Record<VenueId, readonly CredentialField[]> = {
  binance: [API_KEY, SECRET],
  coinbase: [
    { name: "apiKey", label: "Key name", multiLine: false },
    { name: "secret", label: "Private key (PEM)", multiLine: true },
  ],
  kraken: [API_KEY, { name: "secret", label: "Private key", multiLine: false }],
  alpaca: [API_KEY, SECRET],
  okx: [API_KEY, SECRET, PASSPHRASE],
  bybit: [API_KEY, SECRET],
  kucoin: [API_KEY, SECRET, PASSPHRASE],
  gate: [API_KEY, SECRET],
};

/** Narrows wire or database text to a venue id. */
export function isVenueId(text: string): text is VenueId {
  return (VENUE_IDS as readonly string[]).includes(text);
}
