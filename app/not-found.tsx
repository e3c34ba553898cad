import { Compass } from "lucide-react";
import Link from "next/link";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/state-panel.tsx";

export default function NotFound() {
  return (
    <main className="grid min-h-[70dvh] place-items-center">
      <EmptyState
        isPage
        icon={Compass}
        title="Page not found"
        text="It does not exist, or it is not yours."
        action={
          <Button asChild variant="primary">
            <Link href="/dashboard">Go to the dashboard</Link>
          </Button>
        }
      />
    </main>
  );
}
