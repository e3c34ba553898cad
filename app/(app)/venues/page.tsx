import type { Metadata } from "next";
import { VenuesScreen } from "./_components/venues-screen.tsx";

export const metadata: Metadata = { title: "Venues" };

export default function VenuesPage() {
  return <VenuesScreen />;
}
