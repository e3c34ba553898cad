import { cn } from "#lib/format/class-names.ts";

/** The mark alone, drawn in the accent. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="16 16 32 32" aria-hidden className={cn("size-6 text-accent", className)}>
      <path d="M17 47V17h6.5l17 19.5V17H47v30h-6.5L23.5 27.5V47z" fill="currentColor" />
    </svg>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2.5 text-base font-semibold tracking-tight", className)}>
      <Mark />
      Nija
    </span>
  );
}
