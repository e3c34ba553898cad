import type { PreviewRouteInput, RoutePreviewDto } from "#lib/contracts/trade.ts";
import { readRisk } from "#server/data/accounts/lock-risk.ts";
import { readVenueStats } from "#server/data/accounts/route-stats.ts";
import { readCandidates } from "#server/data/routing/read-candidates.ts";
import type { Actor } from "#server/domain/actor.ts";
import { checkIntent } from "#server/domain/risk/check-intent.ts";
import { planRoute } from "#server/domain/routing/plan-route.ts";
import { describeCandidates } from "#server/domain/routing/describe-candidates.ts";
import { AppError } from "#server/errors.ts";
import { readFigures, toFacts } from "./intent/gather-facts.ts";
import { parseRequest } from "./intent/parse-request.ts";
import type { ServiceDeps } from "./service-deps.ts";

/**
 * What would happen to an order placed now: the verdict of the risk check and every candidate of the route, by the same
 * functions that will decide. Reads only; the worker decides again with fresher books. Throws NOT_FOUND.
 */
export function previewRoute(deps: ServiceDeps, actor: Actor, input: PreviewRouteInput): Promise<RoutePreviewDto> {
  const request = parseRequest(input);
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const now = deps.clock.now();
    const [risk, figures] = await Promise.all([
      readRisk(tx, actor.workspaceId),
      readFigures(tx, actor.workspaceId, request, now),
    ]);
    if (risk === null) throw new AppError("NOT_FOUND", { what: "workspace" });
    const facts = toFacts(actor.role, risk, request, figures, now);
    if (input.venueAccountId !== null && facts.accounts.length === 0) throw new AppError("NOT_FOUND", { what: "venue account" });
    const verdict = checkIntent(facts.check);
    const { symbol, side, type, quantity, limitPrice, postOnly } = request.terms;
    const query = {
      workspaceId: actor.workspaceId,
      symbol,
      side,
      mode: facts.check.mode,
      venueAccountId: input.venueAccountId,
      ownReserve: null,
    };
    const { candidates, accounts } = await readCandidates(tx, query, readVenueStats(tx, symbol), risk, now);
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
      denial: verdict.allowed ? null : { code: verdict.code, details: verdict.details },
      at: now.toISOString(),
    };
  });
}
