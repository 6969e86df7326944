// Checks Markdown, YAML and Python files for plain English: `node check.js FILE…`. Prints each finding as FILE:LINE and
// ends with 1 if there is one. `node check.js --figures FILE…` prints words, sentences and their lengths instead.
// Python files need Python 3.11 or newer: the program in the variable PYTHON, or python3.
// What must stay as it is stands between <!-- textlint-disable --> and <!-- textlint-enable -->.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TextlintKernel } from "@textlint/kernel";
import markdown from "@textlint/textlint-plugin-markdown";
import comments from "textlint-filter-rule-comments";
import { countWords, figures, plainWords, sentenceLength } from "./rules.js";
import { proseOf } from "./yaml.js";

const CHECKS = [
  { ruleId: "sentence-length", rule: sentenceLength },
  { ruleId: "plain-words", rule: plainWords },
];
const kernel = new TextlintKernel();

const EXTRACTOR = fileURLToPath(new URL("docstrings.py", import.meta.url));

/** Returns [path, pieces] for each file, where a piece is {text, line}. One Python process reads all Python files. */
function read(paths) {
  const inPython = paths.filter((path) => path.endsWith(".py"));
  const fromPython = inPython.length ? JSON.parse(execFileSync(process.env.PYTHON ?? "python3", [EXTRACTOR, ...inPython], { maxBuffer: 2 ** 26 })) : [];
  return paths.map((path) => {
    if (path.endsWith(".py")) return [path, fromPython.shift()];
    const text = readFileSync(path, "utf-8");
    return [path, path.endsWith(".md") ? [{ text, line: 1 }] : proseOf(text)];
  });
}

/** Returns {line, message} for all that the rules find in the pieces of a file, in the order of its lines. */
async function findings(pieces, rules) {
  const found = await Promise.all(
    pieces.map(async (piece) => {
      const { messages } = await kernel.lintText(piece.text, {
        ext: ".md",
        plugins: [{ pluginId: "markdown", plugin: markdown.default ?? markdown }],
        filterRules: [{ ruleId: "comments", rule: comments.default ?? comments }],
        rules,
      });
      return messages.map(({ line, message }) => ({ line: line + piece.line - 1, message }));
    }),
  );
  return found.flat().sort((one, other) => one.line - other.line);
}

async function check(paths) {
  let count = 0;
  for (const [path, pieces] of read(paths)) {
    for (const { line, message } of await findings(pieces, CHECKS)) {
      console.log(`${path}:${line}: ${message}`);
      count += 1;
    }
  }
  return count ? 1 : 0;
}

/** Prints the words of each file, its longest sentence, and its average sentence of running text, outside of tables. */
async function measure(paths) {
  console.log("words\tlongest\taverage\tfile");
  for (const [path, pieces] of read(paths)) {
    const lengths = { all: [], running: [] };
    const take = (length, type) => {
      lengths.all.push(length);
      if (type === "Paragraph") lengths.running.push(length);
    };
    await findings(pieces, [{ ruleId: "figures", rule: figures, options: { take } }]);
    const words = pieces.reduce((sum, { text }) => sum + countWords(text), 0);
    const average = lengths.running.reduce((sum, each) => sum + each, 0) / lengths.running.length;
    console.log([words, Math.max(...lengths.all), average.toFixed(1), path].join("\t"));
  }
  return 0;
}

const [first, ...rest] = process.argv.slice(2);
process.exitCode = await (first === "--figures" ? measure(rest) : check(first ? [first, ...rest] : []));
