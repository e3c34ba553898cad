import type { Metadata } from "next";
import Link from "next/link";
import { SignInForm } from "./_components/sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const { next } = await searchParams;
  return (
    <>
      <h1 className="text-lg font-semibold tracking-tight">Sign in</h1>
      <p className="mt-1 text-sm text-muted">Good to see you again.</p>
      <SignInForm next={typeof next === "string" ? next : null} />
      <p className="mt-6 text-center text-sm text-muted">
        New here?{" "}
        <Link href="/sign-up" className="inline-flex min-h-11 items-center font-medium text-accent-text hover:underline">
          Create an account
        </Link>
      </p>
    </>
  );
}
