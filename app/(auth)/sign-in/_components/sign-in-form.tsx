"use client";

import { signIn } from "next-auth/react";
import { type FormEvent, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { TextField } from "#components/ui/field.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { safeReturnPath, signInSentence } from "#lib/errors/sign-in-error.ts";
import { NETWORK_SENTENCE } from "#lib/sentences/app-errors.ts";

export function SignInForm({ next }: { next: string | null }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      const email = String(form.get("email")).trim().toLowerCase();
      const result = await signIn("credentials", { redirect: false, email, password: String(form.get("password")) });
      if (result?.ok === true && !result.error) {
        // A full load, so that nothing of an earlier session stays in memory.
        window.location.assign(safeReturnPath(next));
        return;
      }
      setError(signInSentence(result?.error ?? "INTERNAL"));
    } catch {
      setError(NETWORK_SENTENCE);
    }
    setBusy(false);
  }

  return (
    <form onSubmit={(event) => void submit(event)} method="post" className="mt-6 flex flex-col gap-4">
      <TextField label="E-mail" name="email" type="email" autoComplete="username" inputMode="email" required />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      {error === null ? null : (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      )}
      <Button type="submit" variant="primary" size="lg" busy={busy} className="mt-1">
        Sign in
      </Button>
    </form>
  );
}
