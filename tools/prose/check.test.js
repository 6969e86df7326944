// That the check finds what it is there for: `node --test tools/prose/check.test.js`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "prose-"));
after(() => rmSync(folder, { recursive: true }));

/** Checks a file with this text; returns the exit status and the lines with the file's name cut off. */
function check(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL("check.js", import.meta.url)), path], { encoding: "utf-8" });
  assert.equal(stderr, "");
  return [status, ...stdout.split("\n").filter(Boolean).map((line) => line.replace(`${path}:`, ""))];
}

const LONG = `${"word ".repeat(31).trim()}.`;

test("plain sentences pass", () => {
  assert.deepEqual(check("good.md", "# Title\n\nThe action fixes it. Then it ends.\n\n| a | b |\n| - | - |\n| one | two |\n"), [0]);
});

test("a word that has a better one is found, with its line", () => {
  assert.deepEqual(check("word.md", "Good.\n\nIt was mended,\nbut in vain.\n"), [1, "3: “mended”: better: fix", "4: “in vain”: better: without success"]);
});

test("a part of another word is not that word", () => {
  assert.deepEqual(check("part.md", "They recommend a governor.\n"), [0]);
});

test("a long sentence is found, also in a cell of a table and in an item of a list", () => {
  for (const text of [LONG, `| a | b |\n| - | - |\n| x | ${LONG} |`, `- one\n- ${LONG}`]) {
    const [status, found, ...more] = check("long.md", `${text}\n`);
    assert.equal(status, 1);
    assert.match(found, /: 31 words in a sentence, at most 30: “word /u);
    assert.deepEqual(more, []);
  }
});

test("two sentences are two, also where the first is bold or ends in code", () => {
  const half = "word ".repeat(16).trim();
  assert.deepEqual(check("two.md", `**Now ${half}.** Then ${half}.\n\nNow ${half} \`code\`. Then ${half}.\n`), [0]);
});

test("code is one word, and its words are nobody's", () => {
  assert.deepEqual(check("code.md", `Type \`${LONG} mend\`.\n\n\`\`\`\nmend ${LONG}\n\`\`\`\n`), [0]);
});

test("what stands between the comments that switch the check off is left alone", () => {
  assert.deepEqual(check("off.md", "<!-- textlint-disable -->\n\nMend it.\n\n<!-- textlint-enable -->\n\nMend that.\n"), [1, "7: “Mend”: better: fix"]);
});

test("of YAML the comments and descriptions are read, and nothing else", () => {
  const yaml = [
    "# Mended since",
    "# then.",
    "on: push # in vain",
    "description: Mend it.",
    "run: mend",
    "inputs:",
    "  one:",
    "    description: >-",
    "      Good so far,",
    "      but anew.",
    "    default: anew",
  ].join("\n");
  assert.deepEqual(check("action.yml", yaml), [
    1,
    "1: “Mended”: better: fix",
    "3: “in vain”: better: without success",
    "4: “Mend”: better: fix",
    "10: “anew”: better: again",
  ]);
});

test("of Python the docstrings and comments are read, and nothing else", () => {
  const python = [
    "#!/usr/bin/mend",
    '"""Good so far,',
    "but anew.",
    "",
    "    mend",
    '"""',
    'NAME = "in vain"  # mended',
    "class Mend:",
    "    name: str",
    '    r"""Hence \\n this."""',
    "",
    "    # It is mended",
    "    # in vain.",
  ].join("\n");
  assert.deepEqual(check("good.py", `${python}\n`), [
    1,
    "3: “anew”: better: again",
    "7: “mended”: better: fix",
    "10: “Hence”: better: so",
    "12: “mended”: better: fix",
    "13: “in vain”: better: without success",
  ]);
});

test("comments that follow one another are one text, and those of other lines are not", () => {
  const half = `# ${"word ".repeat(16).trim()}`;
  assert.match(check("one.py", `${half}\n${half}\n`)[1], /^1: 32 words in a sentence/u);
  assert.deepEqual(check("several.py", `if True:  ${half}\n    ${half}\n    pass\n${half}\n\n${half}\n`), [0]);
});

test("what Python comments say to tools is not prose, and the reason beside it is", () => {
  const thirty = "word ".repeat(30).trim();
  const lines = [
    `a = 1  # noqa: A001, SLF001 - ${thirty}`,
    `b = 2  # type: ignore[anew, nor]  # ${thirty}`,
    "c = 3  # noqa: A001  # mended",
    "d = 4  # pragma: no cover",
    `# https://example.com/anew?thus ${"word ".repeat(29)}`,
  ];
  assert.deepEqual(check("tools.py", `${lines.join("\n")}\n`), [1, "3: “mended”: better: fix"]);
});
