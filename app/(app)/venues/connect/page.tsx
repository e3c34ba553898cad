import type { Metadata } from "next";
import { ConnectForm } from "./_components/connect-form.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";

export const metadata: Metadata = { title: "Connect a venue" };

export default function ConnectVenuePage() {
  return (
    <div className="mx-auto max-w-xl">
      <PageHeading title="Connect a venue" back={{ href: "/venues", label: "Venues" }} />
      <ConnectForm />
    </div>
  );
}
