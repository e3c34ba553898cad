import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { PositionScreen } from "./_components/position-screen.tsx";
import { symbolText, uuid } from "#lib/contracts/scalars.ts";

export const metadata: Metadata = { title: "Position" };

export default async function PositionPage({ params }: PageProps<"/positions/[venueAccountId]/[market]">) {
  const { venueAccountId, market } = await params;
  const symbol = market.replace("-", "/");
  if (!uuid.safeParse(venueAccountId).success || !symbolText.safeParse(symbol).success) notFound();
  return <PositionScreen venueAccountId={venueAccountId} symbol={symbol} />;
}
