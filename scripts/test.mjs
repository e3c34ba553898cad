import { runPinned } from "./bootstrap.mjs";

runPinned("scripts/test.ts", process.argv.slice(2));
