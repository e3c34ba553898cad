import { CONTROL_CLASSES, Field, TextField } from "#components/ui/field.tsx";
import { cn } from "#lib/format/class-names.ts";
import { CREDENTIAL_FIELDS, type VenueId } from "#lib/sentences/venues.ts";

interface CredentialInputsProps {
  readonly venue: VenueId;
  readonly errors: Readonly<Record<string, string>>;
}

/** What the venue hands out, in the order of its own page. Uncontrolled: the secret lives in the inputs and nowhere else. */
export function CredentialInputs({ venue, errors }: CredentialInputsProps) {
  return CREDENTIAL_FIELDS[venue].map((field) =>
    field.multiLine ? (
      <Field key={field.name} label={field.label} error={errors[field.name] ?? null}>
        {(control) => (
          <textarea
            {...control}
            name={field.name}
            rows={6}
            autoComplete="off"
            spellCheck={false}
            placeholder="-----BEGIN EC PRIVATE KEY-----"
            className={cn(CONTROL_CLASSES, "h-auto resize-y py-2.5 font-mono text-xs md:h-auto")}
          />
        )}
      </Field>
    ) : (
      <TextField
        key={field.name}
        label={field.label}
        name={field.name}
        // Secrets are masked; "new-password" keeps password managers from offering the sign-in password.
        type={field.name === "apiKey" ? "text" : "password"}
        autoComplete={field.name === "apiKey" ? "off" : "new-password"}
        spellCheck={false}
        error={errors[field.name] ?? null}
      />
    ),
  );
}
