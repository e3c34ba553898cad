"use client";

import { TriangleAlert } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/state-panel.tsx";

/** A defect in a page: the rest of the application stays usable. Orders are not affected by what a screen does. */
export default function PageError({ reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div role="alert">
      <EmptyState
        icon={TriangleAlert}
        title="This page failed"
        text="Nothing was sent or changed by it. Your orders go on as they are."
        action={
          <Button variant="primary" onClick={reset}>
            Load it again
          </Button>
        }
      />
    </div>
  );
}
