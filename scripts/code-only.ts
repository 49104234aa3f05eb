/** Source text without its words: comments, strings and patterns blanked, so that what is left to look at is code. */

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const PATTERN = /\/(?![*/>])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y;
const WORD = /[\w$]+/y;
/** From a backtick, or from the brace that ends a placeholder, to the next placeholder or the end. */
const TEMPLATE = /[`}](?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/y;

/** After these a slash begins a pattern; after a value it divides. */
const BEFORE_PATTERN =
  /^(?:[(,=:[!&|?{;+\-*%~^>]|return|typeof|case|in|of|void|throw|else|do|await|yield|)$/;

/** Everything but line breaks becomes a space: places in the text stay what they are. */
const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** Blank inside; the quotes stay, and with them the fact that there is a value. */
const blankInside = (text: string, tail: number): string =>
  (text[0] ?? '') + blank(text.slice(1, -tail)) + text.slice(-tail);

/**
 * The text with blanks for comments, strings, patterns and the words of templates; as long as the text, line by line.
 * Markup is read as code: an apostrophe in its words counts as a quote if another follows on the line.
 */
export function codeOnly(text: string): string {
  /** How many braces were open where each open placeholder began. */
  const placeholders: number[] = [];
  let braces = 0;
  let out = '';
  let previous = '';
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = out.length;
    return pattern.exec(text)?.[0] ?? null;
  };
  const add = (code: string, value = code) => {
    out += code;
    if (value.trim() !== '') previous = value;
  };

  while (out.length < text.length) {
    const char = text[out.length] ?? '';
    const isPlaceholderEnd = char === '}' && placeholders.at(-1) === braces;
    if (char === '`' || isPlaceholderEnd) {
      if (isPlaceholderEnd) placeholders.pop();
      const found = match(TEMPLATE) ?? char;
      const goesOn = found.endsWith('${');
      if (goesOn) placeholders.push(braces);
      add(blankInside(found, goesOn ? 2 : 1), goesOn ? '{' : '`');
      continue;
    }
    const comment = char === '/' ? match(COMMENT) : null;
    const pattern = char === '/' && BEFORE_PATTERN.test(previous) ? match(PATTERN) : null;
    const quoted = char === "'" || char === '"' ? match(STRING) : null;
    if (comment !== null) add(blank(comment));
    else if (pattern !== null) add(blank(pattern), '`');
    else if (quoted !== null) add(blankInside(quoted, 1), '`');
    else {
      if (char === '{') braces++;
      if (char === '}') braces--;
      add(match(WORD) ?? char);
    }
  }
  return out;
}

/**
 * Where the bracket that opens at `open` is closed.
 * @param code as {@link codeOnly} gives it
 * @throws when it never is: the text was not understood
 */
export function closingOf(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    const char = code[at] ?? '';
    if ('([{'.includes(char)) depth++;
    if (')]}'.includes(char) && --depth === 0) return at;
  }
  const line = code.slice(0, open).split('\n').length;
  throw new Error(`the bracket in line ${line} is never closed`);
}
