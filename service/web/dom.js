// Elements, and what is said to screen readers. Text only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/**
 * A new element. `attributes` are set as they are, true as an empty one; `on…` are listeners.
 * Children are nodes or texts; empty ones are left out.
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) {
      made.addEventListener(key.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

/** A button with these children. */
export function button(attributes, ...children) {
  return element("button", { type: "button", ...attributes }, ...children);
}

/** One of the icons in index.html. */
export function icon(name) {
  const made = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  made.append(use);
  return made;
}

/** Say something to screen readers that is not shown where they are. */
export function announce(text) {
  byId("announcer").textContent = text;
}

/** "1 quote", "2 quotes". */
export function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

const DAYS = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** 2023-09-17 as 17 September 2023; null stays empty. */
export function longDate(day) {
  return day ? DAYS.format(new Date(`${day}T00:00:00Z`)) : "";
}

/** From 17 to 22 September 2023. */
export function dayRange(first, last) {
  return DAYS.formatRange(new Date(`${first}T00:00:00Z`), new Date(`${last}T00:00:00Z`));
}

/** Publisher and day as plain text, as far as they are known. */
export function origin(article) {
  return [article.source, longDate(article.published)].filter(Boolean).join(", ");
}

/** Publisher, day and author, as far as they are known, each in its own direction of writing. */
export function byline({ source, published, author }) {
  const parts = [
    source && element("bdi", {}, source),
    published && element("bdi", { dir: "ltr" }, longDate(published)),
    author && element("bdi", {}, author),
  ].filter(Boolean);
  return parts.flatMap((part, place) => (place ? [" · ", part] : [part]));
}

/** A link's address if it leads to the web, else null. */
export function webAddress(url) {
  return /^https?:\/\//i.test(url ?? "") ? url : null;
}
