"use strict";

const form = document.querySelector("form");
const cases = [...document.querySelectorAll(".case")];
const texts = new Map(cases.map((one) => [one, one.textContent.toLowerCase()]));

function filter() {
  const wanted = Object.fromEntries(new FormData(form));
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const one of cases) {
    one.hidden =
      !["kind", "half", "outcome"].every((name) => !wanted[name] || one.dataset[name] === wanted[name]) ||
      (wanted.turned && !one.dataset.turned) ||
      !words.every((word) => texts.get(one).includes(word));
  }
  const count = cases.filter((one) => !one.hidden).length;
  document.querySelector("output").textContent =
    count === cases.length ? `All ${count} questions` : `${count} of ${cases.length} questions`;
}

function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  if (target.closest(".case")?.hidden) {
    form.reset();
    filter();
  }
  for (let node = target; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
  }
  target.scrollIntoView();
}

if (form) {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  for (const link of document.querySelectorAll("a[data-kind]")) {
    link.addEventListener("click", () => {
      form.reset();
      form.elements.kind.value = link.dataset.kind;
      filter();
    });
  }
  const button = document.querySelector("button.all");
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = cases.filter((one) => !one.hidden);
    const open = !shown.every((one) => one.open);
    for (const one of shown) one.open = open;
  });
  filter();
}
addEventListener("hashchange", reveal);
reveal();
