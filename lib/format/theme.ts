export const THEME_COOKIE = "nija-theme";
export type Theme = "dark" | "light";

/** Dark is the first theme: anything but a stored wish for light is dark. */
export function parseTheme(text: string | undefined): Theme {
  return text === "light" ? "light" : "dark";
}
