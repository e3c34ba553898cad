/**
 * Refuses the passwords of at least 12 characters that attackers try first. Most of them follow few patterns (a word with
 * digits behind it, a row of the keyboard, one piece repeated), so the patterns are checked and not a long list of results.
 */

const COMMON_WORDS = `
  password passwort motdepasse contrasena qwerty qwertz azerty letmein welcome iloveyou ilovemyself admin administrator
  login master superman batman spiderman pokemon starwars football baseball basketball soccer liverpool chelsea arsenal
  barcelona realmadrid juventus princess sunshine dragon monkey shadow michael jessica jennifer jordan ashley daniel
  charlie thomas hunter killer freedom whatever trustno secret changeme default temporary guest root test tester testing
  access computer internet samsung google facebook instagram youtube microsoft windows apple iphone android minecraft
  fortnite roblox naruto pokemongo hello helloworld goodmorning chocolate butterfly lovely flower summer winter spring
  autumn january february march april may june july august september october november december monday tuesday wednesday
  thursday friday saturday sunday birthday family mother father brother sister friend forever mylove loveyou baby angel
  jesus christ blessed money dollar bitcoin ethereum crypto trading trader binance coinbase kraken wallet hodl moon lambo
  nija london paris berlin newyork america australia canada deutschland france espana brasil india pakistan
`
  .trim()
  .split(/\s+/);

const COMMON_PHRASES = `
  correcthorsebatterystaple passwordpassword thequickbrownfox iloveyouforever letmeinletmein welcometothejungle
  maytheforcebewithyou tobeornottobe openthedoor openmydoor givemeaccess thisismypassword mypasswordis ilovemymother
  ilovemyfamily iloveyousomuch nevergiveup liveandletlive onceuponatime hakunamatata supercalifragilistic
  trustnoone123 ihateyou ihatepasswords nopassword nopasswordneeded youshallnotpass winteriscoming
`
  .trim()
  .split(/\s+/);

const KEYBOARD_WALKS = [
  "`1234567890-=",
  "1234567890",
  "qwertyuiop[]",
  "asdfghjkl;'",
  "zxcvbnm,./",
  "qwertzuiop",
  "azertyuiop",
  "qazwsxedcrfvtgbyhnujmikolp",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
  "1q2w3e4r5t6y7u8i9o0p",
  "q1w2e3r4t5y6u7i8o9p0",
  "zaq12wsxcde34rfvbgt56yhn",
  "abcdefghijklmnopqrstuvwxyz",
  "147258369",
  "qweasdzxc",
];

const LOOKALIKES: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** More characters that are no letters than a year and a few marks, and the password is not a decorated word any more. */
const DECORATION_MAX = 6;
const WORD_LENGTH_MAX = 40;

const WORDS = new Set([...COMMON_WORDS, ...COMMON_PHRASES]);
const unmask = (text: string): string => text.replace(/[013457@$!]/g, (mark) => LOOKALIKES[mark] ?? mark);

/** One short piece again and again: `aaaaaaaaaaaa`, `abc123abc123`. */
function isRepetition(text: string): boolean {
  for (let length = 1; length <= text.length / 2; length += 1) {
    const piece = text.slice(0, length);
    if (piece.repeat(Math.ceil(text.length / length)).startsWith(text)) return true;
  }
  return false;
}

/** Digits up or down in equal steps, wrapping at ten: `123456789012`, `987654321098`. */
function isDigitRun(text: string): boolean {
  if (!/^\d+$/.test(text)) return false;
  const steps = new Set(Array.from(text.slice(1), (digit, at) => (Number(digit) - Number(text[at]) + 10) % 10));
  return steps.size === 1;
}

/** What is left when every stretch of at least four neighbouring keys, in either direction, is taken out. */
function withoutWalks(text: string): string {
  const walks = KEYBOARD_WALKS.flatMap((walk) => [walk, Array.from(walk).reverse().join("")]);
  let left = "";
  for (let at = 0; at < text.length; ) {
    let longest = 0;
    for (let length = 4; at + length <= text.length; length += 1) {
      if (!walks.some((walk) => walk.includes(text.slice(at, at + length)))) break;
      longest = length;
    }
    if (longest === 0) left += text[at];
    at += Math.max(longest, 1);
  }
  return left;
}

/** Words one after the other and nothing else. */
function isMadeOf(words: ReadonlySet<string>, text: string): boolean {
  const reachable = [true];
  for (let end = 1; end <= text.length; end += 1) {
    for (let start = Math.max(0, end - WORD_LENGTH_MAX); start < end && reachable[end] !== true; start += 1) {
      if (reachable[start] === true && words.has(text.slice(start, end))) reachable[end] = true;
    }
  }
  return text.length > 0 && reachable[text.length] === true;
}

const lettersOf = (text: string): string => text.replace(/[^a-z]/g, "");

/** True for a password that is guessed among the first. `own` are the owner's e-mail and name: guessed first of all. */
export function isCommonPassword(password: string, own: readonly string[]): boolean {
  const text = password.normalize("NFKC").toLowerCase();
  if (isRepetition(text) || isDigitRun(text)) return true;
  if (lettersOf(withoutWalks(text)).length <= 2 && lettersOf(text).length > 0) return true;
  if (text.length - lettersOf(text).length > DECORATION_MAX) return false;
  const ownWords = own.flatMap((value) => value.toLowerCase().split(/[^a-z]+/)).filter((word) => word.length >= 3);
  const words = new Set([...WORDS, ...ownWords]);
  // "Passw0rd!2024": what stands before and after is taken off first, or its digits would turn into letters.
  const core = text.replace(/^[^a-z]+|[^a-z]+$/g, "");
  return isMadeOf(words, lettersOf(text)) || isMadeOf(words, lettersOf(unmask(core)));
}
