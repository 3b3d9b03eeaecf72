// The panel that shows an article, at the quote that was asked for.

import { request } from "./api.js";
import { button, byId, byline, element, webAddress } from "./dom.js";
import { paragraphs } from "./text.js";

const NARROW = matchMedia("(max-width: 60rem)"); // as in style.css: there it covers the page
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

const LABELS = { quote: "The quote in its article", passage: "The passage in its article", article: "Article" };

const dialog = byId("reader");
let shown = 0; // counts, so that a slow reply does not replace a later one

/**
 * Show an article. `place` is what is known of it: article_id, title, and for a quote version,
 * start, end, quote and also_in. Focus goes to its title, and back when it is closed.
 */
export async function openArticle(place) {
  const turn = ++shown;
  showHead(place);
  byId("reader-text").replaceChildren(element("p", { class: "quiet" }, "Opening …"));
  show();
  try {
    const article = await request(address(place));
    if (turn === shown) {
      showHead({ ...place, ...article });
      showText(article);
    }
  } catch (error) {
    if (turn === shown) {
      showFailure(place, error);
    }
  }
}

function address({ article_id: id, version, start, end }) {
  const asked = new URLSearchParams();
  if (version) {
    asked.set("version", version);
  }
  if (end) {
    asked.set("quote", `${start}-${end}`);
  }
  return `/articles/${encodeURIComponent(id)}?${asked}`;
}

function kind(place) {
  if (place.quote) {
    return "quote";
  }
  return place.end ? "passage" : "article";
}

function show() {
  if (!dialog.open) {
    document.body.classList.add("reading");
    if (NARROW.matches) {
      dialog.showModal();
    } else {
      dialog.show();
    }
  }
  byId("reader-body").scrollTop = 0;
  byId("reader-title").focus();
}

function showHead(article) {
  byId("reader-label").textContent = LABELS[kind(article)];
  byId("reader-title").textContent = article.title;
  byId("reader-origin").replaceChildren(...byline(article));
  const url = webAddress(article.url);
  const link =
    url &&
    element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, "Where it was published");
  byId("reader-more").replaceChildren(...[link].filter(Boolean), ...copies(article.also_in ?? []));
}

function copies(others) {
  const links = others.map((other) =>
    button({ class: "link", dir: "auto", onclick: () => openArticle(other) }, other.title),
  );
  return links.length ? [element("span", {}, "Also in nearly these words:"), ...links] : [];
}

function showText({ text, captions, highlight }) {
  const made = paragraphs(text, captions, highlight).map(({ caption, pieces }) =>
    element(
      "p",
      { dir: "auto", class: caption ? "caption" : null },
      ...pieces.map((one) => (one.quoted ? element("mark", {}, one.text) : one.text)),
    ),
  );
  byId("reader-text").replaceChildren(...made);
  const behavior = CALM.matches ? "instant" : "smooth";
  byId("reader-text").querySelector("mark")?.scrollIntoView({ block: "center", behavior });
}

function showFailure(place, error) {
  const gone = error.code === "not_found" || error.code === "no_such_place";
  const why = gone ? "This article is no longer indexed as it was." : error.message;
  const quote = place.quote && element("blockquote", { dir: "auto" }, place.quote);
  byId("reader-text").replaceChildren(
    element("p", { class: "notice", role: "alert" }, why),
    ...(quote ? [element("p", {}, "What was quoted from it:"), quote] : []),
  );
}

/** Close the panel, if it is open; the browser gives the focus back to where it came from. */
export function closeReader() {
  if (!dialog.open) {
    return;
  }
  shown += 1;
  dialog.close();
  document.body.classList.remove("reading");
}

byId("reader-close").addEventListener("click", closeReader);
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  closeReader();
});
document.addEventListener("keydown", (pressed) => {
  if (pressed.key === "Escape" && dialog.open && !byId("key").open) {
    pressed.preventDefault();
    closeReader();
  }
});
