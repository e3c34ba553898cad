import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimFill, SimMovement, VenueEngine } from "#simulator/engine/types.ts";
import type { KrakenAuth } from "#simulator/protocols/kraken/auth.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import { krakenAsset, type KrakenNames, type KrakenPair } from "#simulator/protocols/kraken/names.ts";
import { type Params, text, texts } from "#simulator/protocols/kraken/params.ts";
import { roundedText, wireText } from "#simulator/protocols/kraken/wire-number.ts";

const VOLUME_WINDOW_MS = 30 * 86_400_000;

/** The private endpoints about funds, fees and the key itself. */
export class AccountData {
  readonly #engine: VenueEngine;
  readonly #names: KrakenNames;
  readonly #auth: KrakenAuth;

  constructor(engine: VenueEngine, names: KrakenNames, auth: KrakenAuth) {
    this.#engine = engine;
    this.#names = names;
    this.#auth = auth;
  }

  balance(account: SimAccount): unknown {
    return this.#balances(account, (total, _locked, digits) => wireText(total, digits));
  }

  balanceEx(account: SimAccount): unknown {
    return this.#balances(account, (total, locked, digits) => ({
      balance: wireText(total, digits),
      hold_trade: wireText(locked, digits),
    }));
  }

  #balances(account: SimAccount, view: (total: Decimal, locked: Decimal, digits: number) => unknown): unknown {
    return Object.fromEntries(
      this.#engine.balances(account.id).map(({ asset, free, locked }) => {
        const { id, decimals } = krakenAsset(asset);
        return [id, view(free.add(locked), locked, decimals)];
      }),
    );
  }

  /** Spot only: equity and free equity are the balances at the last price, everything about margin is zero. */
  tradeBalance(account: SimAccount, params: Params): unknown {
    const unit = this.#names.asset(text(params, "asset") ?? "ZUSD");
    if (unit === undefined) throw new KrakenRefusal("EQuery:Unknown asset");
    let total = ZERO;
    let free = ZERO;
    for (const balance of this.#engine.balances(account.id)) {
      const price = this.#price(balance.asset, unit.code);
      total = total.add(balance.free.add(balance.locked).mul(price));
      free = free.add(balance.free.mul(price));
    }
    const zero = ZERO.toFixed(4);
    const [eb, mf] = [roundedText(total, 4), roundedText(free, 4)];
    return { eb, tb: eb, m: zero, uv: zero, n: zero, c: zero, v: zero, e: eb, mf };
  }

  #price(asset: string, unit: string): Decimal {
    if (asset === unit) return ZERO.add(1);
    return this.#engine.ticker(`${asset}/${unit}`)?.last ?? ZERO;
  }

  tradeVolume(account: SimAccount, params: Params): unknown {
    const pairs = texts(params, "pair").map((name) => {
      const pair = this.#names.pair(name);
      if (pair === undefined) throw new KrakenRefusal("EQuery:Unknown asset pair");
      return pair;
    });
    const since = this.#engine.now() - VOLUME_WINDOW_MS;
    const volume = this.#engine.fills(account.id, { since }).reduce((sum, fill) => sum.add(fill.price.mul(fill.amount)), ZERO);
    const answer = { currency: "ZUSD", volume: roundedText(volume, 4) };
    if (pairs.length === 0) return answer;
    const rows = (rate: (pair: KrakenPair) => Decimal) => Object.fromEntries(pairs.map((pair) => [pair.id, feeRow(rate(pair))]));
    return {
      ...answer,
      fees: rows((pair) => pair.market.takerFee),
      fees_maker: rows((pair) => pair.market.makerFee),
    };
  }

  keyInfo(account: SimAccount): unknown {
    const { read, trade, withdraw } = account.permissions;
    const use = this.#auth.lastUse(account);
    return {
      apiKeyName: account.id,
      apiKey: account.apiKey,
      nonce: String(use?.nonce ?? 0n),
      nonceWindow: 0,
      permissions: [
        ...(read ? ["query-funds", "query-open-trades", "query-closed-trades", "query-ledger"] : []),
        ...(trade ? ["modify-trades", "close-trades"] : []),
        ...(withdraw ? ["withdraw-funds"] : []),
      ],
      iban: "AA00 N1JA PAPE RXXX",
      validUntil: "0",
      queryFrom: "0",
      queryTo: "0",
      createdTime: "0",
      modifiedTime: "0",
      ipAllowlist: [],
      lastUsed: String(Math.floor((use?.at ?? 0) / 1000)),
    };
  }

  /** Two entries per trade and one per deposit, withdrawal or reward, newest first, 50 to a page. */
  ledgers(account: SimAccount, params: Params): unknown {
    const wanted = new Set(texts(params, "asset").map((name) => this.#names.asset(name)?.id));
    const ids = new Set(texts(params, "id"));
    const type = text(params, "type") ?? "all";
    const entries = this.#entries(account).filter(
      ([id, entry]) =>
        (wanted.size === 0 || wanted.has(entry.asset)) &&
        (ids.size === 0 || ids.has(id)) &&
        (type === "all" || type === entry.type) &&
        entry.time > Number(text(params, "start") ?? 0) &&
        entry.time <= Number(text(params, "end") ?? Number.POSITIVE_INFINITY),
    );
    const offset = Number(text(params, "ofs") ?? 0);
    return ids.size > 0
      ? Object.fromEntries(entries)
      : { ledger: Object.fromEntries(entries.slice(offset, offset + 50)), count: entries.length };
  }

  #entries(account: SimAccount): readonly (readonly [string, LedgerEntry])[] {
    const totals = new Map(this.#engine.balances(account.id).map(({ asset, free, locked }) => [asset, free.add(locked)]));
    const unique = [...new Map(this.#engine.fills(account.id, {}).map((fill) => [fill.id, fill])).values()];
    const lines = [
      ...unique.flatMap((fill) => ledgerLines(fill, this.#names).toReversed()),
      ...this.#engine.movements(account.id, {}).map(movementLine),
    ];
    // Walked from the newest backwards: the balance after the newest entry is the one of now.
    return lines
      .sort((a, b) => a.at - b.at)
      .toReversed()
      .map(({ key, refid, type, subtype, at, asset, amount, fee }) => {
        const after = totals.get(asset) ?? ZERO;
        totals.set(asset, after.sub(amount).add(fee));
        const { id, decimals } = krakenAsset(asset);
        const entry = {
          refid,
          time: at / 1000,
          type,
          subtype,
          aclass: "currency",
          asset: id,
          amount: wireText(amount, decimals),
          fee: wireText(fee, decimals),
          balance: wireText(after, decimals),
        };
        return [key, entry] as const;
      });
  }
}

interface LedgerLine {
  readonly key: string;
  readonly refid: string;
  readonly type: string;
  readonly subtype: string;
  readonly at: number;
  readonly asset: string;
  readonly amount: Decimal;
  readonly fee: Decimal;
}

const MOVEMENT_TYPES = { deposit: "deposit", withdrawal: "withdrawal", reward: "staking" } as const;

function movementLine({ id, kind, asset, amount, fee, at }: SimMovement): LedgerLine {
  const refid = `${kind === "withdrawal" ? "A" : "Q"}${id.slice(1)}`;
  const signed = kind === "withdrawal" ? amount.neg() : amount;
  return { key: id, refid, type: MOVEMENT_TYPES[kind], subtype: "", at, asset, amount: signed, fee };
}

interface LedgerEntry {
  readonly time: number;
  readonly asset: string;
  readonly type: string;
}

function ledgerLines(fill: SimFill, names: KrakenNames): readonly LedgerLine[] {
  const pair = names.pair(fill.symbol);
  if (pair === undefined) throw new Error(`no pair for ${fill.symbol}`);
  const cost = fill.price.mul(fill.amount);
  const buys = fill.side === "buy";
  const feeIn = (asset: string) => (fill.feeAsset === asset ? fill.fee : ZERO);
  const line = (asset: string, amount: Decimal, suffix: string): LedgerLine => ({
    key: `L${suffix}${fill.id.slice(2)}`,
    refid: fill.id,
    type: "trade",
    subtype: "tradespot",
    at: fill.at,
    asset,
    amount,
    fee: feeIn(asset),
  });
  return [
    line(pair.quote.code, buys ? cost.neg() : cost, "Q"),
    line(pair.base.code, buys ? fill.amount : fill.amount.neg(), "B"),
  ];
}

function feeRow(rate: Decimal): unknown {
  const fee = rate.mul(100).toFixed(4);
  return { fee, minfee: fee, maxfee: fee, nextfee: null, nextvolume: null, tiervolume: "0.0000" };
}
