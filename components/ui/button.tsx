import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "#lib/format/class-names.ts";

const VARIANTS = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover font-semibold",
  secondary: "bg-raised text-text border border-line hover:bg-hover hover:border-line-strong font-medium",
  quiet: "text-muted hover:text-text hover:bg-hover font-medium",
  gain: "bg-gain text-on-gain hover:opacity-90 font-semibold",
  loss: "bg-loss text-on-loss hover:opacity-90 font-semibold",
} as const;

const SIZES = { md: "h-11 px-4 text-sm", sm: "h-11 px-3 text-sm md:h-9", lg: "h-12 px-5 text-base", icon: "size-11" } as const;

interface ButtonProps extends ComponentProps<"button"> {
  readonly variant?: keyof typeof VARIANTS;
  readonly size?: keyof typeof SIZES;
  /** Shows a spinner beside the label and refuses clicks; the width stays. */
  readonly busy?: boolean;
  /** Renders the child (a link) with the looks of a button. */
  readonly asChild?: boolean;
}

export function Button({ variant = "secondary", size = "md", busy = false, asChild = false, className, ...props }: ButtonProps) {
  const classes = cn(
    "relative inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-md",
    "transition-[background-color,border-color,color,opacity] duration-150 ease-standard",
    "disabled:pointer-events-none disabled:opacity-45 aria-disabled:opacity-45",
    VARIANTS[variant],
    SIZES[size],
    className,
  );
  if (asChild) return <Slot.Root className={classes} {...props} />;
  const { children, disabled, type = "button", ...rest } = props;
  return (
    <button {...rest} type={type} disabled={disabled === true || busy} aria-busy={busy} className={classes}>
      <span className={cn("inline-flex items-center gap-2", busy && "opacity-0")}>{children}</span>
      {busy ? <LoaderCircle aria-hidden className="absolute size-5 animate-spin" /> : null}
    </button>
  );
}
