/** What every trader's program does at a venue, said through one npm client that has nothing to do with Nija or ccxt. */
export interface OtherClient {
  /** The npm package whose code signs and parses. */
  readonly name: string;
  readonly venue: "binance" | "coinbase" | "kraken" | "okx" | "bybit" | "gate" | "alpaca";
  readonly symbol: string;
  connect(origin: string, credentials: OtherClientCredentials): OtherClientSession;
}

export interface OtherClientCredentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase?: string;
}

export interface OtherClientOrder {
  readonly venueOrderId: string;
  readonly open: boolean;
  /** Base units, as the venue writes them. */
  readonly quantity: string;
  /** Quote units per base unit, as the venue writes them. */
  readonly limitPrice: string;
}

export interface OtherClientSession {
  /** Places a limit buy, good till cancelled. Answers the venue's id. Throws what the client throws when the venue refuses. */
  place(quantity: string, limitPrice: string): Promise<string>;
  query(venueOrderId: string): Promise<OtherClientOrder>;
  cancel(venueOrderId: string): Promise<void>;
}
