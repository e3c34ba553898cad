"use client";

import { useMutation } from "@tanstack/react-query";
import { signIn } from "next-auth/react";
import { type FormEvent, useState } from "react";
import { useTRPC } from "#components/data/trpc.tsx";
import { Button } from "#components/ui/button.tsx";
import { TextField } from "#components/ui/field.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { signUpInput } from "#lib/contracts/account.ts";
import { readAppError } from "#lib/errors/app-error.ts";

type FieldName = "name" | "email" | "password";
type FieldErrors = Partial<Record<FieldName, string>>;

const FIELD_SENTENCES: Readonly<Record<FieldName, string>> = {
  name: "Enter a name of up to 80 characters.",
  email: "Enter a valid e-mail address.",
  password: "Use at least 12 characters.",
};

function isFieldName(name: unknown): name is FieldName {
  return typeof name === "string" && Object.hasOwn(FIELD_SENTENCES, name);
}

export function SignUpForm() {
  const trpc = useTRPC();
  const signUp = useMutation(trpc.user.signUp.mutationOptions());
  const [fieldErrors, setFieldErrors] = useState<FieldErrors>({});
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = signUpInput.safeParse(Object.fromEntries(form));
    setError(null);
    if (!input.success) {
      const names = input.error.issues.map((issue) => issue.path[0]).filter(isFieldName);
      setFieldErrors(Object.fromEntries(names.map((name) => [name, FIELD_SENTENCES[name]])));
      return;
    }
    setFieldErrors({});
    setBusy(true);
    try {
      await signUp.mutateAsync(input.data);
      const { email, password } = input.data;
      const result = await signIn("credentials", { redirect: false, email, password });
      window.location.assign(result?.ok === true ? "/dashboard" : "/sign-in");
    } catch (caught) {
      const refusal = readAppError(caught);
      if (refusal.code === "PASSWORD_COMMON") setFieldErrors({ password: refusal.sentence });
      else if (refusal.code === "EMAIL_TAKEN") setFieldErrors({ email: refusal.sentence });
      else setError(refusal.sentence);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} method="post" noValidate className="mt-6 flex flex-col gap-4">
      <TextField label="Name" name="name" autoComplete="name" error={fieldErrors.name ?? null} />
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        inputMode="email"
        error={fieldErrors.email ?? null}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        hint="At least 12 characters. A few unrelated words are easy to remember and hard to guess."
        error={fieldErrors.password ?? null}
      />
      {error === null ? null : (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      )}
      <Button type="submit" variant="primary" size="lg" busy={busy} className="mt-1">
        Create account
      </Button>
    </form>
  );
}
