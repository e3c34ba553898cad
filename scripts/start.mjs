import { runPinned } from "./bootstrap.mjs";

runPinned("scripts/start.ts", process.argv.slice(2));
