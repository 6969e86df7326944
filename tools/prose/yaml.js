// What people read in a YAML file: its comments, and the values of `description`.

/** Returns {text, line} for each piece; `line` counts from 1. */
export function proseOf(yaml) {
  const pieces = [];
  const lines = yaml.split("\n");
  let comment; // the whole-line comments that follow each other
  let block; // the lines of a folded or literal description: {indent, piece}
  for (const [index, line] of lines.entries()) {
    const indent = line.search(/\S/u);
    if (block && (indent < 0 || indent > block.indent)) {
      block.piece.text += `${line.trim()}\n`;
      continue;
    }
    block = undefined;
    const whole = /^\s*#\s?(.*)$/u.exec(line);
    if (whole) {
      comment ??= add(pieces, "", index);
      comment.text += `${whole[1]}\n`;
      continue;
    }
    comment = undefined;
    const described = /^\s*description:\s*(?<value>.*)$/u.exec(line);
    if (described && /^[>|]/u.test(described.groups.value)) {
      block = { indent, piece: add(pieces, "", index + 1) };
    } else if (described) {
      add(pieces, described.groups.value.replace(/^(["'])(.*)\1$/u, "$2"), index);
    } else {
      const trailing = /\s#\s(.*)$/u.exec(line);
      if (trailing) add(pieces, trailing[1], index);
    }
  }
  return pieces.filter((piece) => piece.text.trim());
}

function add(pieces, text, index) {
  const piece = { text, line: index + 1 };
  pieces.push(piece);
  return piece;
}
