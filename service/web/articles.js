// The view of what is indexed: filtered, page by page, or found by words.

import { request } from "./api.js";
import { button, byId, byline, counted, element } from "./dom.js";
import { openArticle } from "./reader.js";

const PAGE = 20;
const PASSAGES = 50;

const form = byId("filter");
let turn = 0; // counts, so that a slow reply does not replace a later one

/** The publishers to choose from. */
export function offerSources(sources) {
  const options = sources.map(({ source, articles }) =>
    element("option", { value: source }, `${source} (${articles})`),
  );
  form.elements.source.append(...options);
}

/** Show what the address asks for: q, source, from, to, offset. */
export async function showArticles(asked) {
  const mine = ++turn;
  const offset = Number(asked.get("offset")) || 0;
  for (const name of ["q", "source", "from", "to"]) {
    form.elements[name].value = asked.get(name) ?? "";
  }
  try {
    const page = asked.get("q") ? await find(asked) : await list(asked, offset);
    if (mine === turn) {
      show(page);
    }
  } catch (error) {
    if (mine === turn) {
      show({ told: error.message, items: [], newer: null, older: null });
    }
  }
}

async function list(asked, offset) {
  const query = filters(asked);
  query.set("limit", PAGE);
  query.set("offset", offset);
  const { total, next, articles } = await request(`/articles?${query}`);
  const range = articles.length < total ? `${offset + 1} to ${offset + articles.length} of ` : "";
  return {
    told: total ? `${range}${counted(total, "article")}, the newest first` : "No article is like that.",
    items: articles.map((article) => entry(article)),
    newer: offset ? Math.max(0, offset - PAGE) : null,
    older: next,
  };
}

async function find(asked) {
  const query = filters(asked);
  query.set("q", asked.get("q"));
  query.set("limit", PASSAGES);
  const { passages } = await request(`/search?${query}`);
  const best = new Map();
  for (const passage of passages.toReversed()) {
    best.delete(passage.article_id);
    best.set(passage.article_id, passage);
  }
  const found = [...best.values()].reverse();
  return {
    told: found.length ? `${counted(found.length, "article")}, the nearest first` : "Nothing was found.",
    items: found.map((passage) => entry(passage, passage.text)),
    newer: null,
    older: null,
  };
}

function filters(asked) {
  const query = new URLSearchParams();
  for (const [name, parameter] of [
    ["source", "source"],
    ["from", "published_from"],
    ["to", "published_to"],
  ]) {
    if (asked.get(name)) {
      query.set(parameter, asked.get(name));
    }
  }
  return query;
}

function entry(article, passage = "") {
  return element(
    "li",
    { dir: "auto" },
    button({ class: "title", onclick: () => openArticle(article) }, article.title),
    element("p", { class: "quiet" }, ...byline(article)),
    passage && element("p", { class: "passage" }, passage),
  );
}

function show({ told, items, newer, older }) {
  byId("found").textContent = told;
  byId("list").replaceChildren(...items);
  byId("pager").hidden = newer === null && older === null;
  offer(byId("newer"), newer);
  offer(byId("older"), older);
}

function offer(control, offset) {
  control.hidden = offset === null;
  control.onclick = () => {
    go({ ...asForm(), offset: offset || "" });
    byId("articles-title").focus();
  };
}

function asForm() {
  return Object.fromEntries(new FormData(form));
}

/** Change the address, which shows what it asks for. */
function go(wanted) {
  const given = Object.entries(wanted).filter(([, value]) => value !== "");
  location.hash = `articles?${new URLSearchParams(given)}`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  go(asForm());
});
