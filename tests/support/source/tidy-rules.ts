import { posix } from "node:path";

export interface TidyRule {
  readonly name: string;
  /** Which files it is held against. */
  readonly applies: (path: string) => boolean;
  /** What breaks it, with the line's number where there is one; empty when nothing does. */
  readonly find: (path: string, text: string) => string[];
}

const isTest = (path: string): boolean => path.startsWith("tests/");
const isCode = (path: string): boolean => /\.(tsx?|mjs|sql|css)$/.test(path);
const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path);
/** Runs where people's money is. Tests, benchmarks and scripts only watch it. */
const isProduct = (path: string): boolean =>
  /^(app|components|lib|server|worker|simulator|realtime)\//.test(path) && isTypeScript(path);
/** Prisma's file names its own; what is applied is never edited again. */
const isMigration = (path: string): boolean => path.startsWith("prisma/migrations/");
/** These files hold the very words that they look for. */
const isAboutTheRules = (path: string): boolean => path === "tests/tidy.test.ts" || path === "tests/support/source/tidy-rules.ts";

const LINES_MAX = 300;
const TEST_LINES_MAX = 500;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
/** Names that a tool or a framework gives. */
const GIVEN_NAMES =
  /^(\[{1,2}(\.{3})?[a-zA-Z]+\]{1,2}|\([a-z]+\)|_[a-z-]+|_app\.ts|README\.md|CONTRIBUTING\.md|CHANGELOG\.md|NOTICE(\.md)?|SOURCES\.md|next-env\.d\.ts|migration_lock\.toml|\d{14}_[a-z0-9_]+|\..+)$/;
/** A common password is a thing; a file called common is not. */
const DRAWERS = /(^|-)(utils?|helpers?|managers?)(-|\.|$)|^(common|misc)(\.|$)/;

function namesOf(path: string): string[] {
  return path.split("/");
}

/** A rule that no line of a file may match. */
function forbidLine(name: string, applies: TidyRule["applies"], pattern: RegExp): TidyRule {
  return {
    name,
    applies: (path) => applies(path) && !isAboutTheRules(path),
    find: (path, text) =>
      text
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
  };
}

export const TIDY_RULES: readonly TidyRule[] = [
  {
    name: "files stay short",
    applies: (path) => isCode(path) && !isMigration(path),
    find: (path, text) => {
      const lines = text.split("\n").length - 1;
      return lines > (isTest(path) ? TEST_LINES_MAX : LINES_MAX) ? [`${path}: ${lines} lines`] : [];
    },
  },
  {
    name: "files and folders are kebab-case",
    applies: () => true,
    find: (path) => namesOf(path).flatMap((name) => (KEBAB.test(name) || GIVEN_NAMES.test(name) ? [] : [`${path}: ${name}`])),
  },
  {
    name: "no drawer for odds and ends",
    applies: () => true,
    find: (path) => namesOf(path).flatMap((name) => (DRAWERS.test(name) ? [`${path}: ${name}`] : [])),
  },
  {
    name: "no barrel",
    applies: isTypeScript,
    find: (path) => (/^index\.tsx?$/.test(posix.basename(path)) ? [path] : []),
  },
  forbidLine("nothing is left for later", isCode, /\b(TODO|FIXME|XXX)\b|not implemented/i),
  forbidLine(
    "no test is skipped",
    isTest,
    /\b(it|test|describe|suite)(\.\w+)*\.(skip|only|todo|skipIf|runIf|fails)\b|\b(xit|xtest|xdescribe)\(/,
  ),
  forbidLine("our own modules are never mocked", isTest, /\bvi\.(mock|doMock|stubGlobal)\(/),
  forbidLine("types are not silenced", isTypeScript, /\bas any\b|<any>|@ts-(ignore|nocheck|expect-error)/),
  forbidLine("money never passes a float", isProduct, /\bparseFloat\(/),
  forbidLine("chance comes from crypto or a seed", isProduct, /\bMath\.random\(/),
  forbidLine("nothing knows the machine it was written on", () => true, /(^|["'`\s(=])\/(work|tmp|root|home)\/[\w.-]/),
  forbidLine("plain punctuation", (path) => isCode(path) || path.endsWith(".md"), /\u2014/),
];

export interface Exemption {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}

/** Short on purpose. One that is no longer needed fails the test. */
export const EXEMPTIONS: readonly Exemption[] = [];
