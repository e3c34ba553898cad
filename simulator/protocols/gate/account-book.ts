import type { SimAccount, SimMovement } from "#simulator/engine/types.ts";
import type { GateCall, GateContext } from "#simulator/protocols/gate/context.ts";
import { onPage } from "#simulator/protocols/gate/fields.ts";

const TYPES = { deposit: "deposit", withdrawal: "withdraw", reward: "referral_fee" } as const;

/** The spot account's book, newest first. Trades are not repeated in it here, `my_trades` tells them. */
export function accountBook({ engine }: GateContext, { query }: GateCall, account: SimAccount): unknown {
  const [from, to] = [query.integer("from"), query.integer("to")];
  const [type, currency] = [query.optional("type"), query.optional("currency")];
  const found = engine
    .movements(account.id, {
      since: from === undefined ? undefined : from * 1000,
      until: to === undefined ? undefined : to * 1000 + 999,
    })
    .filter((movement) => type === undefined || TYPES[movement.kind] === type)
    .filter((movement) => currency === undefined || movement.asset === currency);
  return onPage(found.toReversed(), query.page()).map(bookRow);
}

function bookRow({ id, asset, amount, fee, kind, at }: SimMovement): unknown {
  const change = kind === "withdrawal" ? amount.plus(fee).neg() : amount;
  return { id, time: at, currency: asset, change: change.toFixed(), balance: "", type: TYPES[kind], text: "" };
}
