// One question and what became of it, as an element that grows while the answer arrives.

import { announce, button, byline, counted, element, icon, origin } from "./dom.js";
import { Opinion } from "./opinion.js";
import { openArticle } from "./reader.js";
import { opening, withSources } from "./text.js";

const COPIED_MS = 2_000;

export class Turn {
  /** A turn whose question has just been asked. */
  constructor(question) {
    this.question = question;
    this.answer = null;
    this.searches = [];
    this.citations = new Map();
    this.understood = element("p", { class: "understood", hidden: true, dir: "auto" });
    this.searched = element("div", { class: "searched" }, element("p", {}, "Looking in the articles …"));
    this.opening = element("p", { class: "opening", dir: "auto" });
    this.sentences = element("p", { class: "sentences", dir: "auto" });
    this.live = element("div", { class: "answer", "aria-live": "polite" }, this.opening, this.sentences);
    this.after = element("div", { class: "after" });
    this.element = element(
      "article",
      { class: "turn waiting", "aria-label": `Question: ${question}` },
      element("h2", { dir: "auto" }, question),
      this.searched,
      this.understood,
      this.live,
      this.after,
    );
  }

  /** What was searched for, and the passages found. */
  addPassages({ question, passages }) {
    this.searches.push({ question, passages });
    const asked = this.searches.map((search) => search.question);
    if (asked.some((one) => one !== this.question)) {
      this.showUnderstood(asked.join(" · "));
    }
    this.searched.replaceChildren(searchedList(this.searches));
  }

  showUnderstood(text) {
    this.understood.textContent = `Understood as: ${text}`;
    this.understood.hidden = false;
  }

  showOpening(text) {
    this.opening.textContent = text;
  }

  addCitations(citations) {
    citations.forEach((cited) => this.citations.set(cited.number, cited));
  }

  /** A sentence; its marks stay on the line of its last word, where that is no endless one. */
  addSentence({ text, citations }) {
    const marks = citations.map((number) => this.mark(number));
    const [, start, end] = /^(.*?)(\S{0,24})$/su.exec(text);
    const sources = citations.map((number) => this.citations.get(number).source);
    const introduced = sources.some((source) => source && text.startsWith(`${source}, `));
    const parts = [start, element("span", { class: "end" }, end, ...marks)];
    this.sentences.append(element("span", { class: introduced ? "further" : null }, ...parts), " ");
  }

  mark(number) {
    const cited = this.citations.get(number);
    const told = `Quote ${number}: ${[cited.title, origin(cited)].filter(Boolean).join(", ")}`;
    return button(
      { class: "mark", "aria-label": told, title: told, onclick: () => openArticle(cited) },
      `[${number}]`,
    );
  }

  /** The whole answer; sentences that have arrived stay where they are. */
  finish(answer, opinion = null) {
    this.answer = answer;
    this.addCitations(answer.citations);
    this.showOpening(opening(answer));
    answer.sentences.slice(this.sentences.childElementCount).forEach((one) => this.addSentence(one));
    if (answer.standalone_question !== answer.question) {
      this.showUnderstood(answer.standalone_question);
    }
    this.element.classList.remove("waiting");
    this.element.classList.add(answer.status);
    this.after.replaceChildren(
      ...[
        failureNote(answer),
        closest(answer),
        sources(answer),
        removed(answer),
        this.tools(answer, opinion),
      ].filter(Boolean),
    );
  }

  tools(answer, opinion) {
    const label = element("span", {}, "Copy with sources");
    const copy = button({ onclick: () => this.copy(label) }, icon("copy"), label);
    const seconds = (answer.timings_ms.total / 1000).toFixed(1);
    const told = element("p", { class: "quiet" }, `${answer.model}, ${seconds} s`);
    return element("div", { class: "tools" }, ...new Opinion(answer.id, opinion).parts, copy, told);
  }

  async copy(label) {
    const done = await copyText(withSources(this.answer, origin));
    label.textContent = done ? "Copied" : "Copying is not allowed here";
    announce(label.textContent);
    setTimeout(() => (label.textContent = "Copy with sources"), COPIED_MS);
  }

  /** Nothing more will come: `message` says why, as an alert where it is a failure. */
  end(message, { alert = false, again = null } = {}) {
    this.element.classList.remove("waiting");
    if (!this.searches.length) {
      this.searched.replaceChildren();
    }
    const note = element("p", {}, message);
    this.after.replaceChildren(
      element("div", { class: "notice", role: alert ? "alert" : null }, note, again),
    );
  }
}

function searchedList(searches) {
  const passages = searches.flatMap((search) => search.passages);
  const articles = new Map();
  for (const passage of passages) {
    articles.set(passage.article_id, [...(articles.get(passage.article_id) ?? []), passage]);
  }
  const told = `Looked at ${counted(passages.length, "passage")} of ${counted(articles.size, "article")}`;
  const items = [...articles.values()].map((found) => {
    const [first] = found;
    const places = found.map((passage, place) =>
      button(
        {
          class: "link",
          "aria-label": `Passage ${place + 1} of ${first.title}`,
          onclick: () => openArticle(passage),
        },
        `passage ${place + 1}`,
      ),
    );
    const line = byline(first);
    return element(
      "li",
      {},
      element("cite", { dir: "auto" }, first.title),
      element("span", { class: "quiet" }, ...(line.length ? [" · ", ...line] : []), " "),
      ...places,
    );
  });
  return element("details", {}, element("summary", {}, told), element("ul", {}, ...items));
}

function failureNote({ failure }) {
  return failure && element("p", { class: "notice" }, `${failure.message} The answer may be incomplete.`);
}

const closest = ({ status, closest: places }) =>
  status === "abstained" ? quotes("The closest that they say", places) : null;

const sources = ({ citations }) => quotes("Word for word", citations);

/** The quotes under a heading, each with its number if it has one; null without any. */
function quotes(heading, places) {
  const items = places.map((place) => {
    const line = byline(place);
    const others = (place.also_in ?? []).map((other) => other.title).join("; ");
    return element(
      "li",
      {},
      button(
        { dir: "auto", onclick: () => openArticle(place) },
        element("span", { class: "number" }, place.number ? `[${place.number}]` : "·"),
        place.quote && element("q", {}, place.quote),
        element(
          "span",
          { class: "place" },
          element("cite", { dir: "auto" }, place.title),
          ...(line.length ? [" · ", ...line] : []),
          others && ` · also in: ${others}`,
        ),
      ),
    );
  });
  return items.length
    ? element("div", { class: "sources" }, element("h3", {}, heading), element("ol", {}, ...items))
    : null;
}

function removed({ removed: sentences }) {
  if (!sentences.length) {
    return null;
  }
  const items = sentences.map((one) =>
    element(
      "li",
      {},
      element("s", { dir: "auto" }, one.text),
      element("span", { class: "quiet" }, ` ${one.reason}`),
    ),
  );
  const told = `${counted(sentences.length, "sentence")} left out: why`;
  return element("details", {}, element("summary", {}, told), element("ul", {}, ...items));
}

/** Whether `text` is on the clipboard now; the older way serves pages without https. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", { class: "hidden", "aria-hidden": "true" });
    const before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  }
}
