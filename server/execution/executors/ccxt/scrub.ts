const DETAIL_LENGTH_MAX = 300;

/** Makes text from a venue or the client library fit for logs, rows and screens. */
export type Scrub = (text: string) => string;

const SIGNED_PARTS: readonly (readonly [RegExp, string])[] = [
  // A request's address carries the signature and the account's parameters.
  [/(https?|wss?):\/\/([^\s?]+)\?\S*/g, "$1://$2"],
  [
    /\b(signature|api[-_]?sign|sign|apca-api-key-id|apca-api-secret-key|key_id|secret_key|api[-_]?key|x-mbx-apikey|secret|passphrase|authorization|token|jwt)(\\?["']?\s*[=:]\s*\\?["']?)[^\s"'&,}]+/gi,
    "$1$2***",
  ],
  [/\bBearer\s+\S+/gi, "Bearer ***"],
  [/\beyJ[\w-]+\.[\w-]+\.?[\w-]*/g, "***"],
  [/-----BEGIN[\s\S]*?(-----END[^-]*-----|$)/g, "***"],
];

/** INVARIANT: no secret of this credential, in any form it is sent in, and no signature leaves through the returned function. */
export function createScrub(secrets: readonly string[]): Scrub {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < 4) continue;
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) forms.add(form);
    // A library may quote one line of a PEM block.
    for (const line of secret.split(/\r?\n|\\n/)) if (line.length >= 16) forms.add(line);
  }
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const form of longestFirst) clean = clean.replaceAll(form, "***");
    for (const [pattern, replacement] of SIGNED_PARTS) clean = clean.replace(pattern, replacement);
    clean = clean.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
    return clean.length > DETAIL_LENGTH_MAX ? `${clean.slice(0, DETAIL_LENGTH_MAX - 3)}...` : clean;
  };
}
