import type { Metadata } from "next";
export const metadata: Metadata = { title: "Dashboard" };
export default function DashboardPage() {
  return <p className="bg-surface text-gain">Hello</p>;
}
