import { isAppErrorCode, sentenceOfCode } from "#lib/errors/app-error.ts";

/**
 * The sentence for a refused sign-in. next-auth hands back a code of ours when the credentials check threw one, and its own
 * `CredentialsSignin` for plain wrong credentials.
 */
export function signInSentence(error: string): string {
  if (isAppErrorCode(error)) return sentenceOfCode(error);
  return sentenceOfCode(error === "CredentialsSignin" ? "AUTH_FAILED" : "INTERNAL");
}

/** A path of our own to go to after sign-in; anything else would let a link send people to a foreign site. */
export function safeReturnPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])[\w\-./?=&%]*$/.test(next) && !next.startsWith("/sign-") ? next : "/dashboard";
}
