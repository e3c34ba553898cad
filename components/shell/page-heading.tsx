import { ChevronLeft } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";

interface PageHeadingProps {
  readonly title: ReactNode;
  readonly action?: ReactNode;
  readonly back?: { readonly href: Route; readonly label: string };
}

/** The one h1 of a page, with the way back and the page's main action. */
export function PageHeading({ title, action, back }: PageHeadingProps) {
  return (
    <div className="mb-4">
      {back === undefined ? null : (
        <Link href={back.href} className="-ml-1 inline-flex h-11 items-center gap-1 pr-3 text-sm text-muted hover:text-text">
          <ChevronLeft aria-hidden className="size-4" />
          {back.label}
        </Link>
      )}
      <div className="flex min-h-11 flex-wrap items-center justify-between gap-3">
        <h1 className="min-w-0 truncate text-lg font-semibold tracking-tight">{title}</h1>
        {action}
      </div>
    </div>
  );
}
