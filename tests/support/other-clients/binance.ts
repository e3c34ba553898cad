import { MainClient } from "binance";
import type { OtherClient } from "#tests/support/other-clients/client.ts";

const symbol = "BTCUSDT";

export const binanceClient: OtherClient = {
  name: "binance",
  venue: "binance",
  symbol: "BTC/USDT",
  connect: (origin, { apiKey, secret }) => {
    const client = new MainClient({ api_key: apiKey, api_secret: secret, baseUrl: origin, disableTimeSync: true });
    return {
      place: async (quantity, limitPrice) => {
        const placed = await client.submitNewOrder({
          symbol,
          side: "BUY",
          type: "LIMIT",
          timeInForce: "GTC",
          quantity: Number(quantity),
          price: Number(limitPrice),
        });
        return String(placed.orderId);
      },
      query: async (venueOrderId) => {
        const order = await client.getOrder({ symbol, orderId: Number(venueOrderId) });
        return {
          venueOrderId: String(order.orderId),
          open: order.status === "NEW",
          quantity: String(order.origQty),
          limitPrice: String(order.price),
        };
      },
      cancel: async (venueOrderId) => {
        await client.cancelOrder({ symbol, orderId: Number(venueOrderId) });
      },
    };
  },
};
