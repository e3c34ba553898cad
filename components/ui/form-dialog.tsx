"use client";

import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#lib/format/class-names.ts";

interface FormDialogProps {
  readonly title: string;
  readonly description: ReactNode;
  readonly submitLabel: string;
  readonly busy: boolean;
  /** The form is shown and cannot be sent at the moment. */
  readonly blocked: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A form above the page, open while it is mounted. A sheet from below on a phone, in the middle on a desktop; its buttons stay in sight. */
export function FormDialog({ title, description, submitLabel, busy, blocked, onSubmit, onClose, children }: FormDialogProps) {
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open && !busy) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          className={cn(
            "rise-in fixed inset-x-0 bottom-0 z-50 flex max-h-[94dvh] flex-col rounded-t-[16px] border border-line bg-surface",
            "focus:outline-none md:inset-x-auto md:bottom-auto md:left-1/2 md:top-1/2 md:max-h-[92dvh] md:w-[480px]",
            "md:-translate-x-1/2 md:-translate-y-1/2 md:rounded-md",
          )}
        >
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              // A portal's events bubble through React's tree: a form around the opener is not meant.
              event.stopPropagation();
              if (!busy && !blocked) onSubmit();
            }}
            className="flex min-h-0 flex-col"
          >
            <header className="flex items-start justify-between gap-3 px-5 pb-3 pt-4">
              <div className="min-w-0 pt-1">
                <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
                <Dialog.Description asChild>
                  <div className="mt-1 text-sm text-muted">{description}</div>
                </Dialog.Description>
              </div>
              <Dialog.Close asChild>
                <Button variant="quiet" size="icon" aria-label="Close" disabled={busy} className="-mr-2 -mt-1">
                  <X aria-hidden className="size-5" />
                </Button>
              </Dialog.Close>
            </header>
            <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5 pt-1">{children}</div>
            <footer className="grid grid-cols-2 gap-3 border-t border-line px-5 pb-[max(1rem,env(safe-area-inset-bottom))] pt-4">
              <Button size="lg" disabled={busy} onClick={onClose}>
                Back
              </Button>
              <Button type="submit" size="lg" variant="primary" busy={busy} disabled={blocked}>
                {submitLabel}
              </Button>
            </footer>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
