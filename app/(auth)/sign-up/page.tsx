import type { Metadata } from "next";
import Link from "next/link";
import { SignUpForm } from "./_components/sign-up-form.tsx";

export const metadata: Metadata = { title: "Create an account" };

export default function SignUpPage() {
  return (
    <>
      <h1 className="text-lg font-semibold tracking-tight">Create an account</h1>
      <p className="mt-1 text-sm text-muted">You start in simulation. No card, no exchange needed.</p>
      <SignUpForm />
      <p className="mt-6 text-center text-sm text-muted">
        Have an account?{" "}
        <Link href="/sign-in" className="inline-flex min-h-11 items-center font-medium text-accent-text hover:underline">
          Sign in
        </Link>
      </p>
    </>
  );
}
