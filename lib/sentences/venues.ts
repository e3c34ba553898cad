import { CREDENTIAL_FIELDS, isVenueId, type VenueId, VENUE_NAMES, VENUE_IDS } from "#server/domain/venue.ts";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import type { Tone } from "#lib/sentences/orders.ts";

export { CREDENTIAL_FIELDS, VENUE_IDS };
export type { VenueId };

export function venueName(venue: string): string {
  return isVenueId(venue) ? VENUE_NAMES[venue] : venue;
}

/** A paper account needs a key of the simulated venue; a real one would only be exposed for nothing. */
export const PAPER_KEY_STEPS: readonly string[] = [
  "The simulated venue knows its own keys only. Never enter a real key for a paper account.",
  "Each simulated venue comes with a demo key, listed in docs/simulator.md; more can be made there.",
  "Copy the key and its secret.",
];

/** How to make a key that can trade and nothing else, step by step. */
export const KEY_STEPS: Readonly<Record<VenueId, readonly string[]>> = {
  binance: [
    "Open API Management in your Binance account and create a system-generated key.",
    "Allow reading and spot trading. Leave withdrawals off.",
    "Restrict the key to trusted addresses if you can, then copy the key and the secret.",
  ],
  coinbase: [
    "Open the API keys page of the Coinbase developer platform and create a key for Advanced Trade.",
    "Allow view and trade. Leave transfer off. Choose the ECDSA signature type.",
    "Copy the key name and the whole private key, with its BEGIN and END lines.",
  ],
  kraken: [
    "Open Security, then API in Kraken Pro and add a key.",
    "Allow: query funds, query ledger entries, query open and closed orders, create and modify orders, cancel orders. Leave withdraw off.",
    "Copy the API key and the private key.",
  ],
  okx: [
    "Open API in your OKX account, create a key for trading by API and choose a passphrase for it.",
    "Allow read and trade. Leave withdraw off. Bind the key to trusted addresses if you can.",
    "Copy the API key, the secret key and the passphrase. Set the account mode to spot.",
  ],
  kucoin: [
    "Open API Management in your KuCoin account, create an API for trading and choose a passphrase for it.",
    "Allow General and Spot. Leave withdrawal and transfer off, and restrict the key to trusted addresses if you can.",
    "Copy the key, the secret and the passphrase that you chose.",
  ],
  gate: [
    "Open API Management in your Gate account and create an API v4 key for the classic trading account.",
    "Allow spot trading with read and write, and account with read only. Leave wallet and withdrawal off.",
    "Restrict the key to trusted addresses if you can, then copy the key and the secret.",
  ],
  bybit: [
    "Open API in your Bybit account and create a system-generated API key of a unified trading account.",
    "Choose read-write, then Unified Trading with SPOT trade alone. Leave Assets and withdrawal off.",
    "Restrict the key to trusted addresses if you can, or it ends after three months. Copy the key and the secret.",
  ],
  alpaca: [
    "Open the live account in your Alpaca dashboard and enable crypto trading.",
    "Generate an API key. It can do whatever the account can, so approve no address for crypto withdrawals.",
    "Copy the key and the secret. The secret is shown only once.",
  ],
};

export const VENUE_STATUS_WORDS: Readonly<Record<VenueAccountDto["status"], { label: string; tone: Tone; sentence: string }>> = {
  CHECKING: { label: "Checking", tone: "progress", sentence: "The key is being checked at the venue." },
  ACTIVE: { label: "Active", tone: "good", sentence: "The key works and orders can be placed." },
  INVALID: {
    label: "Key refused",
    tone: "bad",
    sentence: "The venue does not accept this key. Make a new one and connect it again.",
  },
  DISABLED: { label: "Switched off", tone: "warn", sentence: "No orders go to this account." },
  REVOKED: { label: "Removed", tone: "neutral", sentence: "The key has been destroyed." },
};
