// Light, dark or as the system has it. Not a module: it runs before the first paint.
"use strict";

(() => {
  const NAMES = { system: "as the system", light: "light", dark: "dark" };
  const order = Object.keys(NAMES);
  let theme = "system";

  /** What was chosen before; a browser may refuse to keep anything. */
  function read() {
    try {
      return localStorage.getItem("dateline.theme") ?? "system";
    } catch {
      return "system";
    }
  }

  function keep() {
    try {
      localStorage.setItem("dateline.theme", theme);
    } catch {
      // It holds until the page is left.
    }
  }

  function use(name) {
    theme = order.includes(name) ? name : "system";
    document.documentElement.dataset.theme = theme;
  }

  use(read());
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => button.setAttribute("aria-label", `Colours: ${NAMES[theme]}`);
    label();
    button.addEventListener("click", () => {
      use(order[(order.indexOf(theme) + 1) % order.length]);
      keep();
      label();
    });
  });
})();
