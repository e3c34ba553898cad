import type { inferRouterInputs } from "@trpc/server";
import { createCallerFactory, router } from "#server/trpc.ts";
import { killSwitch as killPlatform } from "./admin/kill-switch.ts";
import { overview } from "./admin/overview.ts";
import { setTradingState as setPlatformTradingState } from "./admin/set-trading-state.ts";
import { tradingStates as platformTradingStates } from "./admin/trading-states.ts";
import { since } from "./events/since.ts";
import { killSwitch } from "./risk/kill-switch.ts";
import { setTradingState } from "./risk/set-trading-state.ts";
import { tradingStates } from "./risk/trading-states.ts";
import { activity } from "./trade/activity.ts";
import { adoptPosition, releasePosition } from "./trade/adopt.ts";
import { cancel } from "./trade/cancel.ts";
import { dashboard } from "./trade/dashboard.ts";
import { getOrder } from "./trade/get-order.ts";
import { listFills } from "./trade/list-fills.ts";
import { listOrders } from "./trade/list-orders.ts";
import { markets } from "./trade/markets.ts";
import { place } from "./trade/place.ts";
import { position } from "./trade/position.ts";
import { positions } from "./trade/positions.ts";
import { previewRoute } from "./trade/preview-route.ts";
import { cancelTrigger, protect, triggers } from "./trade/protect.ts";
import { quotes } from "./trade/quotes.ts";
import { cancelTwap, getTwap, pauseTwap, resumeTwap, twaps } from "./trade/twap.ts";
import { replaceOrder } from "./trade/replace-order.ts";
import { realtime } from "./user/realtime.ts";
import { session } from "./user/session.ts";
import { signUp } from "./user/sign-up.ts";
import { connect } from "./venue/connect.ts";
import { deadMan } from "./venue/dead-man.ts";
import { disconnect } from "./venue/disconnect.ts";
import { get } from "./venue/get.ts";
import { list } from "./venue/list.ts";
import { movements } from "./venue/movements.ts";
import { recheck } from "./venue/recheck.ts";
import { getReconciliation, listReconciliations, reconcile } from "./venue/reconcile.ts";

/** Every procedure there is. */
export const appRouter = router({
  user: router({ session, signUp, realtime }),
  trade: router({
    place,
    cancel,
    replaceOrder,
    previewRoute,
    listOrders,
    getOrder,
    listFills,
    position,
    adoptPosition,
    releasePosition,
    positions,
    dashboard,
    markets,
    quotes,
    activity,
    protect,
    cancelTrigger,
    triggers,
    twaps,
    getTwap,
    pauseTwap,
    resumeTwap,
    cancelTwap,
  }),
  venue: router({
    connect,
    list,
    get,
    recheck,
    disconnect,
    deadMan,
    reconcile,
    listReconciliations,
    getReconciliation,
    movements,
  }),
  events: router({ since }),
  risk: router({ tradingStates, setTradingState, killSwitch }),
  admin: router({
    overview,
    tradingStates: platformTradingStates,
    setTradingState: setPlatformTradingState,
    killSwitch: killPlatform,
  }),
});

export type AppRouter = typeof appRouter;
export type RouterInputs = inferRouterInputs<AppRouter>;

export const createCaller = createCallerFactory(appRouter);
