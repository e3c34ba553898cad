import type { ReactNode } from "react";
import { cn } from "#lib/format/class-names.ts";

interface CardProps {
  readonly title?: string;
  readonly action?: ReactNode;
  readonly className?: string;
  readonly bodyClassName?: string;
  readonly children: ReactNode;
}

/** A raised surface with an optional heading. */
export function Card({ title, action, className, bodyClassName, children }: CardProps) {
  return (
    <section className={cn("min-w-0 overflow-hidden rounded-md border border-line bg-surface", className)} aria-label={title}>
      {title === undefined ? null : (
        <header className="flex min-h-13 items-center justify-between gap-3 border-b border-line px-4">
          <h2 className="truncate text-sm font-semibold">{title}</h2>
          {action}
        </header>
      )}
      <div className={cn("p-4", bodyClassName)}>{children}</div>
    </section>
  );
}
