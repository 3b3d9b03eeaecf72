// Places in an article's text -> pieces to show. The service counts characters, not UTF-16 units.

/**
 * The paragraphs of `text`, each with its pieces: {caption, pieces: [{text, quoted}]}.
 * `captions` are [start, end] of paragraphs, `quote` is {start, end} or null; all in characters.
 */
export function paragraphs(text, captions, quote) {
  const characters = Array.from(text);
  const under = new Set(captions.map(([start]) => start));
  const made = [];
  let start = 0;
  for (const paragraph of text.split("\n\n")) {
    const end = start + Array.from(paragraph).length;
    made.push({ caption: under.has(start), pieces: cut(characters, start, end, quote) });
    start = end + 2;
  }
  return made;
}

function cut(characters, start, end, quote) {
  const from = Math.min(Math.max(quote?.start ?? end, start), end);
  const to = Math.min(Math.max(quote?.end ?? end, from), end);
  const piece = (left, right, quoted) => ({ text: characters.slice(left, right).join(""), quoted });
  return [piece(start, from, false), piece(from, to, true), piece(to, end, false)].filter(
    (one) => one.text,
  );
}

/** What stands before the first sentence in an answer's text: all of it where there is none. */
export function opening(answer) {
  const [first] = answer.sentences;
  if (!first) {
    return answer.text;
  }
  const place = answer.text.indexOf(first.text.slice(0, -1));
  return place > 0 ? answer.text.slice(0, place).trim() : "";
}

/** The answer as plain text, with its quotes and where they stand. */
export function withSources(answer, describe) {
  const quotes = answer.citations.map(
    (cited) =>
      `[${cited.number}] “${cited.quote}”\n    ` +
      [cited.title, describe(cited), cited.url].filter(Boolean).join(", "),
  );
  return [answer.text, ...quotes].join("\n\n");
}
