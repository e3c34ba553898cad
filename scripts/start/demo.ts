/** Who signs in to the demo. The password is made by chance and printed by every start. */
export const DEMO_EMAIL = "demo@nija.local";
export const DEMO_NAME = "Demo";
