import { CircleAlert } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "#lib/format/class-names.ts";

export const CONTROL_CLASSES = cn(
  "h-12 w-full min-w-0 rounded-md border border-line bg-raised px-3 text-base text-text md:h-11 md:text-sm",
  "placeholder:text-muted transition-colors duration-150 hover:border-line-strong",
  "focus-visible:border-accent-text aria-invalid:border-loss disabled:opacity-50",
);

interface FieldProps {
  readonly label: string;
  readonly error?: string | null;
  readonly hint?: ReactNode;
  /** Something on the right of the label, such as a balance. */
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: (control: { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ReactNode;
}

/** A label, its control, and beneath it a hint that an error replaces. */
export function Field({ label, error = null, hint, aside, className, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const hasNote = error !== null || (hint !== undefined && hint !== null);
  return (
    <div className={cn("flex min-w-0 flex-col gap-1.5", className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium text-text">
          {label}
        </label>
        {aside === undefined ? null : <div className="num min-w-0 truncate text-xs text-muted">{aside}</div>}
      </div>
      {children({ id, "aria-invalid": error !== null, "aria-describedby": hasNote ? noteId : undefined })}
      {hasNote ? (
        <div id={noteId} className={cn("flex gap-1.5 text-xs", error === null ? "text-muted" : "text-loss")}>
          {error === null ? null : <CircleAlert aria-hidden className="mt-px size-3.5 shrink-0" />}
          <div className="min-w-0 flex-1">{error ?? hint}</div>
        </div>
      ) : null}
    </div>
  );
}

type TextFieldProps = Omit<FieldProps, "children"> &
  Omit<ComponentProps<"input">, "id" | "className"> & { readonly suffix?: ReactNode };

/** A one-line input with its label. */
export function TextField({ label, error, hint, aside, className, suffix, ...input }: TextFieldProps) {
  return (
    <Field label={label} error={error ?? null} hint={hint} aside={aside} className={cn(className)}>
      {(control) => (
        <div className="relative">
          <input {...input} {...control} className={cn(CONTROL_CLASSES, suffix !== undefined && "pr-24")} />
          {suffix === undefined ? null : <div className="absolute inset-y-0 right-1 flex items-center">{suffix}</div>}
        </div>
      )}
    </Field>
  );
}
