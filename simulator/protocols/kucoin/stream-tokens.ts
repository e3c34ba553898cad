import { randomBytes } from "node:crypto";

const TOKEN_MS = 24 * 3_600_000;
const TOKENS_KEPT = 20_000;

interface Grant {
  readonly accountId: string | null;
  readonly until: number;
}

/** The tokens that a bullet call hands out and a socket is opened with. A public one names no account. */
export class StreamTokens {
  readonly #grants = new Map<string, Grant>();

  grant(accountId: string | null, now: number): string {
    for (const [token, { until }] of this.#grants) {
      // Oldest first: the first one that is still good ends the search.
      if (until > now && this.#grants.size < TOKENS_KEPT) break;
      this.#grants.delete(token);
    }
    const token = `${randomBytes(96).toString("base64url")}==.${randomBytes(16).toString("base64url")}==`;
    this.#grants.set(token, { accountId, until: now + TOKEN_MS });
    return token;
  }

  find(token: string, now: number): Grant | undefined {
    const grant = this.#grants.get(token);
    return grant !== undefined && grant.until > now ? grant : undefined;
  }
}
