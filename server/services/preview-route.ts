import type { PreviewRouteInput, RoutePreviewDto } from "#lib/contracts/trade.ts";
import { readRisk } from "#server/data/accounts/lock-risk.ts";
import { readVenueStats } from "#server/data/accounts/route-stats.ts";
import { readBooks } from "#server/data/markets/read-books.ts";
import { readMarketFacts, toCandidates } from "#server/data/routing/read-candidates.ts";
import type { RouteAccountRow } from "#server/data/accounts/list-route-accounts.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { floorToStep } from "#server/domain/money/rounding.ts";
import { checkIntent } from "#server/domain/risk/check-intent.ts";
import { planRoute } from "#server/domain/routing/plan-route.ts";
import { describeCandidates } from "#server/domain/routing/describe-candidates.ts";
import { type OverTime, ruleOf } from "#server/domain/twap/way.ts";
import { AppError } from "#server/errors.ts";
import { checkSlices, wayOf } from "./intent/choose-way.ts";
import { readFigures, toFacts } from "./intent/gather-facts.ts";
import { parseRequest } from "./intent/parse-request.ts";
import type { ServiceDeps } from "./service-deps.ts";

/** The quantity of an even slice, on the coarsest step of the accounts that may take it. */
function sliceOf(quantity: Decimal, { slices }: OverTime, accounts: readonly RouteAccountRow[]): Decimal {
  const step = accounts.reduce((coarsest, { rules }) => Decimal.max(coarsest, rules?.amountStep ?? ZERO), ZERO);
  const share = quantity.dividedBy(slices);
  return step.isZero() ? share : Decimal.max(floorToStep(share, step), step);
}

/**
 * What would happen to an order placed now: the verdict of the risk check and every candidate of the route, by the same
 * functions that will decide; of one over time, what would happen to a slice. Reads only; the worker decides again with fresher books. Throws NOT_FOUND.
 */
export function previewRoute(deps: ServiceDeps, actor: Actor, input: PreviewRouteInput): Promise<RoutePreviewDto> {
  const isSliced = input.overTime !== undefined && input.overTime !== null;
  const request = parseRequest(input, isSliced ? { timeInForce: "IOC", postOnly: false } : undefined);
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const now = deps.clock.now();
    const [risk, figures] = await Promise.all([
      readRisk(tx, actor.workspaceId),
      readFigures(tx, actor.workspaceId, request, now),
    ]);
    if (risk === null) throw new AppError("NOT_FOUND", { what: "workspace" });
    const facts = toFacts(actor.role, risk, request, figures, now);
    if (input.venueAccountId !== null && facts.accounts.length === 0) throw new AppError("NOT_FOUND", { what: "venue account" });
    const rule = ruleOf(risk.overTimeUsdMin);
    const way = wayOf(facts.check, request, input.overTime, rule);
    const byRule = wayOf(facts.check, request, undefined, rule);
    const checked = checkIntent(facts.check);
    const verdict = checked.allowed ? (checkSlices(facts.check, way) ?? checked) : checked;
    const { symbol, side, type, limitPrice, postOnly } = request.terms;
    const schedule = way.kind === "OVER_TIME" ? way.schedule : null;
    const quantity = schedule === null ? request.terms.quantity : sliceOf(request.terms.quantity, schedule, facts.accounts);
    const query = {
      workspaceId: actor.workspaceId,
      symbol,
      side,
      mode: facts.check.mode,
      venueAccountId: input.venueAccountId,
      ownReserve: null,
    };
    const known = await readMarketFacts(tx, query, { learned: readVenueStats(tx, symbol), books: readBooks(tx, symbol) });
    const { candidates, accounts } = toCandidates(known, query, risk, now);
    const pinnedTo = input.isExit ? (candidates[0]?.venueAccountId ?? null) : null;
    const plan = planRoute(
      { symbol, side, type, quantity, limitPrice, postOnly, slippageCapBps: risk.slippageBpsMax, pinnedTo },
      candidates,
    );
    return {
      chosenVenueAccountId: plan.kind === "NONE" ? null : (plan.legs[0]?.venueAccountId ?? null),
      candidates: describeCandidates(plan.decision, quantity, accounts),
      split:
        plan.kind === "SPLIT"
          ? {
              legs: plan.legs.map((leg) => ({ venue: leg.venue, quantity: leg.quantity.toFixed() })),
              savingBps: plan.savingBps?.toFixed(2) ?? null,
            }
          : null,
      overTime:
        way.kind === "OVER_TIME" ? { ...way.schedule, decidedBy: way.decidedBy, sliceQuantity: quantity.toFixed() } : null,
      rule: byRule.kind === "OVER_TIME" ? { ...byRule.schedule, aboveUsd: rule.aboveUsd.toFixed() } : null,
      denial: verdict.allowed ? null : { code: verdict.code, details: verdict.details },
      at: now.toISOString(),
    };
  });
}
