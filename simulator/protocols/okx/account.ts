import { createHash } from "node:crypto";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimBalance, VenueEngine } from "#simulator/engine/types.ts";
import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";
import type { OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import { needed, type Params, text } from "#simulator/protocols/okx/params.ts";

const DOLLARS: ReadonlySet<string> = new Set(["USD", "USDT", "USDC"]);
const WORTH_PLACES = 8;

/** A number for the account that stays the same, as OKX's user ids do. */
export function userId(account: SimAccount): string {
  return String(createHash("sha256").update(account.id).digest().readUIntBE(0, 6));
}

function wanted(params: Params): ReadonlySet<string> | null {
  const names = text(params, "ccy");
  return names === undefined ? null : new Set(names.split(","));
}

/** The private endpoints about funds, fees and the key itself. The account is in OKX's spot mode. */
export class AccountData {
  readonly #engine: VenueEngine;
  readonly #instruments: OkxInstruments;

  constructor(engine: VenueEngine, instruments: OkxInstruments) {
    this.#engine = engine;
    this.#instruments = instruments;
  }

  balance(account: SimAccount, params: Params): readonly unknown[] {
    const names = wanted(params);
    return [this.balances(this.#engine.balances(account.id).filter(({ asset }) => names === null || names.has(asset)))];
  }

  /** The account's summary with these balances, as REST and the `account` channel show it. */
  balances(balances: readonly SimBalance[]): unknown {
    const at = String(this.#engine.now());
    const rows = balances.map((balance) => ({ balance, worth: this.#worth(balance) }));
    const total = rows.reduce((sum, { worth }) => sum.add(worth), ZERO);
    return {
      adjEq: "",
      availEq: "",
      borrowFroz: "",
      details: rows.map(({ balance, worth }) => detailRow(balance, worth, at)),
      imr: "",
      isoEq: "0",
      mgnRatio: "",
      mmr: "",
      notionalUsd: "",
      ordFroz: "",
      totalEq: total.toFixed(),
      uTime: at,
      upl: "",
    };
  }

  /** At the last price in dollars of any kind; the three kinds count as one. */
  #worth({ asset, free, locked }: SimBalance): Decimal {
    const price = DOLLARS.has(asset)
      ? new Decimal(1)
      : [...DOLLARS].map((quote) => this.#engine.ticker(`${asset}/${quote}`)?.last).find((last) => last !== undefined);
    return price === undefined ? ZERO : free.add(locked).mul(price).toDecimalPlaces(WORTH_PLACES);
  }

  config(account: SimAccount): readonly unknown[] {
    const { read, trade, withdraw } = account.permissions;
    const uid = userId(account);
    const row = {
      acctLv: "1",
      acctStpMode: "cancel_taker",
      autoLoan: false,
      ctIsoMode: "automatic",
      enableSpotBorrow: false,
      feeType: "0",
      greeksType: "PA",
      ip: "",
      kycLv: "3",
      label: account.id,
      level: "Lv1",
      levelTmp: "",
      liquidationGear: "-1",
      mainUid: uid,
      mgnIsoMode: "automatic",
      opAuth: "0",
      perm: [...(read ? ["read_only"] : []), ...(withdraw ? ["withdraw"] : []), ...(trade ? ["trade"] : [])].join(","),
      posMode: "net_mode",
      roleType: "0",
      settleCcy: "",
      settleCcyList: [],
      spotBorrowAutoRepay: false,
      spotOffsetType: "",
      spotRoleType: "0",
      spotTraderInsts: [],
      stgyType: "0",
      traderInsts: [],
      type: "0",
      uid,
    };
    return [row];
  }

  /** Fees that are charged are negative here, as in OKX's fills. */
  tradeFee(params: Params): readonly unknown[] {
    if (needed(params, "instType") !== "SPOT") throw new OkxRefusal("51000", "instType");
    const instrument = text(params, "instId") === undefined ? this.#instruments.all[0] : this.#instruments.of(params);
    if (instrument === undefined) return [];
    const maker = instrument.market.makerFee.neg().toFixed();
    const taker = instrument.market.takerFee.neg().toFixed();
    const row = {
      category: "1",
      delivery: "",
      exercise: "",
      feeGroup: [{ groupId: "1", maker, taker }],
      fiat: [],
      instType: "SPOT",
      level: "Lv1",
      maker,
      makerU: "",
      makerUSDC: "",
      ruleType: "normal",
      settle: "",
      taker,
      takerU: "",
      takerUSDC: "",
      ts: String(this.#engine.now()),
    };
    return [row];
  }

  /** Paper money comes and goes by the control API only, so no chain can be deposited to or withdrawn over. */
  currencies(params: Params): readonly unknown[] {
    const names = wanted(params);
    const assets = new Set(this.#instruments.all.flatMap(({ market }) => [market.base, market.quote]));
    return [...assets]
      .filter((asset) => names === null || names.has(asset))
      .map((asset) => ({
        canDep: false,
        canInternal: false,
        canWd: false,
        ccy: asset,
        chain: `${asset}-Paper`,
        fee: "0",
        logoLink: "",
        mainNet: true,
        maxFee: "0",
        maxWd: "0",
        minDep: "0",
        minFee: "0",
        minWd: "0",
        name: asset,
        needTag: false,
        wdQuota: "0",
        wdTickSz: "8",
      }));
  }
}

function detailRow({ asset, free, locked }: SimBalance, worth: Decimal, at: string): unknown {
  const total = free.add(locked).toFixed();
  return {
    accAvgPx: "",
    availBal: free.toFixed(),
    availEq: "",
    borrowFroz: "",
    cashBal: total,
    ccy: asset,
    clSpotInUseAmt: "",
    crossLiab: "",
    disEq: worth.toFixed(),
    eq: total,
    eqUsd: worth.toFixed(),
    fixedBal: "0",
    frozenBal: locked.toFixed(),
    imr: "",
    interest: "",
    isoEq: "0",
    isoLiab: "",
    isoUpl: "",
    liab: "",
    maxLoan: "",
    maxSpotInUse: "",
    mgnRatio: "",
    mmr: "",
    notionalLever: "",
    openAvgPx: "",
    ordFrozen: locked.toFixed(),
    rewardBal: "0",
    smtSyncEq: "0",
    spotBal: total,
    spotInUseAmt: "",
    spotIsoBal: "0",
    spotUpl: "",
    spotUplRatio: "",
    stgyEq: "0",
    totalPnl: "",
    totalPnlRatio: "",
    twap: "0",
    uTime: at,
    upl: "",
    uplLiab: "",
  };
}
