"use client";

import { useSyncExternalStore } from "react";
import { parseTheme, THEME_COOKIE, type Theme } from "#lib/format/theme.ts";

const YEAR_SECONDS = 31_536_000;
const listeners = new Set<() => void>();

function read(): Theme {
  return parseTheme(document.documentElement.dataset["theme"]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The theme of the page. It lives on the root element and in a cookie, so that the server paints it first. */
export function useTheme(): { theme: Theme; toggle: () => void } {
  const theme = useSyncExternalStore<Theme>(subscribe, read, () => "dark");
  function toggle(): void {
    const next: Theme = read() === "dark" ? "light" : "dark";
    document.documentElement.dataset["theme"] = next;
    document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
    for (const listener of listeners) listener();
  }
  return { theme, toggle };
}
