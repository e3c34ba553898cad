import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "#lib/format/class-names.ts";

const TONES = {
  info: { icon: Info, classes: "bg-info-soft text-info" },
  good: { icon: CircleCheck, classes: "bg-gain-soft text-gain" },
  warn: { icon: TriangleAlert, classes: "bg-warn-soft text-warn" },
  bad: { icon: CircleAlert, classes: "bg-loss-soft text-loss" },
} as const;

interface NoticeProps {
  readonly tone: keyof typeof TONES;
  /** `alert` interrupts a screen reader, `status` waits its turn. */
  readonly role?: "alert" | "status";
  readonly className?: string;
  readonly children: ReactNode;
}

/** One message with an icon, so that its weight is not told by colour alone. */
export function Notice({ tone, role, className, children }: NoticeProps) {
  const { icon: Icon, classes } = TONES[tone];
  return (
    <div role={role} className={cn("flex gap-2.5 rounded-md px-3 py-2.5 text-sm", classes, className)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
