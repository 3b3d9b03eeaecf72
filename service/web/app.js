// Where the page begins: which view is shown, what is indexed, what can be asked.

import { request } from "./api.js";
import { offerSources, showArticles } from "./articles.js";
import { startConversation, submit, whenReady } from "./conversation.js";
import { button, byId, counted, dayRange, element } from "./dom.js";
import { closeReader } from "./reader.js";

const VIEWS = { ask: "Dateline", articles: "Articles · Dateline" };

/** The view that the address names, and what it asks of it. */
function readAddress() {
  const [name, asked = ""] = location.hash.slice(1).split("?", 2);
  return { name: name === "articles" ? name : "ask", asked: new URLSearchParams(asked) };
}

let before = ""; // the view that was shown

async function showView() {
  const { name, asked } = readAddress();
  for (const view of Object.keys(VIEWS)) {
    byId(`view-${view}`).hidden = view !== name;
  }
  for (const link of document.querySelectorAll("nav [data-view]")) {
    link.setAttribute("aria-current", link.dataset.view === name ? "page" : "false");
  }
  document.title = VIEWS[name];
  closeReader();
  if (name !== before) {
    byId(name === "ask" ? "question" : "articles-title").focus();
    before = name;
  }
  if (name === "articles") {
    await whenReady;
    await showArticles(asked);
  }
}

async function showCorpus() {
  await whenReady;
  const corpus = await request("/corpus");
  byId("corpus").textContent = describe(corpus);
  offerSources(corpus.sources);
  const asking = corpus.questions.map((question) =>
    element("li", {}, button({ dir: "auto", onclick: () => submit(question) }, question)),
  );
  byId("examples").querySelector("ul").replaceChildren(...asking);
  byId("examples").hidden = !asking.length;
  if (readAddress().name === "articles") {
    byId("filter").elements.source.value = readAddress().asked.get("source") ?? "";
  }
}

function describe({ articles, sources, published_from: first, published_to: last }) {
  const from = sources.length ? ` from ${counted(sources.length, "publisher")}` : "";
  return `${counted(articles, "article")}${from}${first ? `, ${dayRange(first, last)}` : ""}`;
}

addEventListener("hashchange", showView);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the view
  (byId("view-ask").hidden ? byId("articles-title") : byId("question")).focus();
});
startConversation();
showView();
showCorpus().catch((error) => {
  byId("corpus").textContent = error.message;
});
