import { CloudOff, Inbox, type LucideIcon, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#lib/format/class-names.ts";
import { readAppError } from "#lib/errors/app-error.ts";

interface PanelProps {
  readonly icon?: LucideIcon;
  readonly title: string;
  readonly text: string;
  readonly action?: ReactNode;
  readonly className?: string;
  /** True where the state is the whole page and so needs its heading. */
  readonly isPage?: boolean;
}

/** What a list shows when there is nothing in it: why, and what to do next. */
export function EmptyState({ icon: Icon = Inbox, title, text, action, className, isPage = false }: PanelProps) {
  const Title = isPage ? "h1" : "p";
  return (
    <div className={cn("flex flex-col items-center gap-3 px-6 py-10 text-center", className)}>
      <span className="grid size-11 place-items-center rounded-full bg-hover text-muted">
        <Icon aria-hidden className="size-5" />
      </span>
      <div className="max-w-sm">
        <Title className="text-sm font-semibold">{title}</Title>
        <p className="mt-1 text-sm text-muted">{text}</p>
      </div>
      {action}
    </div>
  );
}

/** A read that failed: the sentence of its code, and a way to try again where that can help. */
export function ErrorState({ error, onRetry, className }: { error: unknown; onRetry: () => void; className?: string }) {
  const { code, sentence } = readAppError(error);
  if (code === "NOT_FOUND")
    return <EmptyState icon={SearchX} title="Not found" text={sentence} {...(className === undefined ? {} : { className })} />;
  return (
    <div role="alert" className={className}>
      <EmptyState
        icon={CloudOff}
        title="This could not be read"
        text={sentence}
        action={
          <Button size="sm" onClick={onRetry}>
            Try again
          </Button>
        }
      />
    </div>
  );
}
