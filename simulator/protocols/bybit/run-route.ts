import type { SimAccount } from "#simulator/engine/types.ts";
import type { AccountRoute, BybitAnswer, BybitContext } from "#simulator/protocols/bybit/context.ts";
import { permissionDenied } from "#simulator/protocols/bybit/errors.ts";
import type { BybitParams } from "#simulator/protocols/bybit/params.ts";
import type { RateAnswer } from "#simulator/protocols/bybit/rate-limits.ts";

/** Counts a call against the account's allowance at the endpoint. */
export function takeCall(
  { engine, limiter }: BybitContext,
  route: AccountRoute,
  path: string,
  params: BybitParams,
  account: SimAccount,
): RateAnswer {
  return limiter.takeAccount(account.id, path, route.perSecond, route.calls?.(params) ?? 1, engine.now());
}

export function runAccountRoute(
  context: BybitContext,
  route: AccountRoute,
  params: BybitParams,
  account: SimAccount,
): BybitAnswer {
  if (route.permission !== "signed" && !account.permissions[route.permission]) throw permissionDenied();
  return route.run(context, params, account);
}
