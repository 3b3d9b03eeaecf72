// What a reader says of an answer: right, or wrong and in what.

import { request } from "./api.js";
import { announce, button, element, icon } from "./dom.js";

export class Opinion {
  /** The controls for an answer; `opinion` is what was said before, or null. */
  constructor(answerId, opinion) {
    this.path = `/answers/${encodeURIComponent(answerId)}/feedback`;
    this.right = this.thumb("right", "This answer is right");
    this.wrong = this.thumb("wrong", "This answer is wrong");
    this.comment = element("input", { type: "text", maxlength: 2000, dir: "auto" });
    this.form = element(
      "form",
      { class: "comment", hidden: true, onsubmit: (event) => this.sendComment(event) },
      element("label", {}, "What is wrong with it? ", this.comment),
      button({ type: "submit", class: "link" }, "Send"),
    );
    this.told = element("p", { class: "quiet", role: "status" });
    this.show(opinion);
  }

  /** The elements, in reading order. */
  get parts() {
    return [this.right, this.wrong, this.form, this.told];
  }

  thumb(opinion, label) {
    return button(
      { class: "thumb", "aria-label": label, title: label, onclick: () => this.send(opinion) },
      icon(opinion),
    );
  }

  show(opinion) {
    this.right.setAttribute("aria-pressed", opinion === "right");
    this.wrong.setAttribute("aria-pressed", opinion === "wrong");
  }

  async send(opinion, comment = null) {
    try {
      await request(this.path, { body: { opinion, comment } });
    } catch (error) {
      this.told.textContent = error.message;
      return;
    }
    this.show(opinion);
    this.form.hidden = opinion === "right" || comment !== null;
    this.told.textContent = this.form.hidden ? "Thank you." : "";
    if (this.form.hidden) {
      announce("Thank you.");
    } else {
      this.comment.focus();
    }
  }

  sendComment(event) {
    event.preventDefault();
    this.send("wrong", this.comment.value.trim() || null).then(() => this.wrong.focus());
  }
}
