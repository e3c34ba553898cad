import { CBAdvancedTradeClient } from "coinbase-api";
import type { OtherClient } from "#tests/support/other-clients/client.ts";

export const coinbaseClient: OtherClient = {
  name: "coinbase-api",
  venue: "coinbase",
  symbol: "BTC/USD",
  connect: (origin, { apiKey, secret }) => {
    const client = new CBAdvancedTradeClient({ apiKey, apiSecret: secret, baseUrl: origin });
    return {
      place: async (quantity, limitPrice) => {
        const placed = await client.submitOrder({
          client_order_id: client.generateNewOrderId(),
          product_id: "BTC-USD",
          side: "BUY",
          order_configuration: { limit_limit_gtc: { base_size: quantity, limit_price: limitPrice, post_only: false } },
        });
        if (placed.success_response === undefined) throw new Error(JSON.stringify(placed.error_response));
        return placed.success_response.order_id;
      },
      query: async (venueOrderId) => {
        const { order } = await client.getOrder({ order_id: venueOrderId });
        const terms = order.order_configuration.limit_limit_gtc;
        return {
          venueOrderId: order.order_id,
          open: order.status === "OPEN",
          quantity: terms?.base_size ?? "none",
          limitPrice: terms?.limit_price ?? "none",
        };
      },
      cancel: async (venueOrderId) => {
        const { results } = await client.cancelOrders({ order_ids: [venueOrderId] });
        if (results[0]?.success !== true) throw new Error(JSON.stringify(results));
      },
    };
  },
};
