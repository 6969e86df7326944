// Two rules of textlint: how long a sentence may be, and which words have a better one.
import { split } from "sentence-splitter";
import { StringSource } from "textlint-util-to-string";
import { words } from "./words.js";

export const MOST_WORDS = 30;

const FORBIDDEN = Object.entries(words).map(([form, better]) => ({
  form: new RegExp(`(?<![\\w-])(?:${form})(?![\\w-])`, "giu"),
  better,
}));

/** The text of a node as a reader counts it: a piece of code is one word, and no word of ours. */
function read(node) {
  return new StringSource(node, { replacer: ({ node: inner, maskValue }) => (inner.type === "Code" ? maskValue("_") : undefined) });
}

/** How many words a text has: what stands between blanks and has a letter, a digit, or masked code. */
export function countWords(text) {
  return text.split(/\s+/u).filter((each) => /[\p{L}\p{N}_]/u.test(each)).length;
}

/** The sentences of a text: {text, start, words}, where start is the place in the text. */
export function sentences(text) {
  return split(text)
    .filter((part) => part.type === "Sentence")
    .map((part) => ({ text: part.raw.trim(), start: part.range[0], words: countWords(part.raw) }));
}

/** Calls a rule for each piece of running text: paragraphs, headings, and cells of tables. */
function forEachText(context, look) {
  const { Syntax } = context;
  const visit = (node) => {
    const source = read(node);
    const report = (start, length, message) => {
      const range = [source.originalIndexFromIndex(start), source.originalIndexFromIndex(start + length)];
      const padding = context.locator.range([range[0] ?? 0, range[1] ?? node.raw.length]);
      context.report(node, new context.RuleError(message, { padding }));
    };
    look(source.toString(), report, node.type);
  };
  return { [Syntax.Paragraph]: visit, [Syntax.Header]: visit, [Syntax.TableCell]: visit };
}

export function sentenceLength(context) {
  return forEachText(context, (text, report) => {
    for (const sentence of sentences(text)) {
      if (sentence.words > MOST_WORDS) {
        report(sentence.start, 1, `${sentence.words} words in a sentence, at most ${MOST_WORDS}: “${sentence.text.replace(/\s+/gu, " ")}”`);
      }
    }
  });
}

export function plainWords(context) {
  return forEachText(context, (text, report) => {
    for (const { form, better } of FORBIDDEN) {
      for (const found of text.matchAll(form)) {
        report(found.index, found[0].length, `“${found[0]}”: better: ${better}`);
      }
    }
  });
}

/** Reports nothing: hands the length of each sentence, and the type of its node, to the option `take`. */
export function figures(context, { take }) {
  return forEachText(context, (text, _, type) => sentences(text).forEach(({ words: length }) => take(length, type)));
}
