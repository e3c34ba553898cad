import type { Metadata } from "next";
import { TradeScreen } from "./_components/trade-screen.tsx";
import { side, symbolText } from "#lib/contracts/scalars.ts";

export const metadata: Metadata = { title: "Trade" };

/** `?symbol=BTC/USDT&side=SELL` opens the ticket filled in; anything unreadable is left out. */
export default async function TradePage({ searchParams }: PageProps<"/trade">) {
  const query = await searchParams;
  const wantedSymbol = symbolText.safeParse(query["symbol"]);
  const wantedSide = side.safeParse(query["side"]);
  return (
    <TradeScreen
      start={{
        ...(wantedSymbol.success ? { symbol: wantedSymbol.data } : {}),
        ...(wantedSide.success ? { side: wantedSide.data } : {}),
      }}
    />
  );
}
