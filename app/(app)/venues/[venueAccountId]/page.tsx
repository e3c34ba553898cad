import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { VenueScreen } from "./_components/venue-screen.tsx";
import { uuid } from "#lib/contracts/scalars.ts";

export const metadata: Metadata = { title: "Venue account" };

export default async function VenuePage({ params }: PageProps<"/venues/[venueAccountId]">) {
  const { venueAccountId } = await params;
  if (!uuid.safeParse(venueAccountId).success) notFound();
  return <VenueScreen venueAccountId={venueAccountId} />;
}
