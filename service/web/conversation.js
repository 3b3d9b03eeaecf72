// The questions of one conversation: asked, answered, stopped, and there again after a reload.

import { ask, request, untilReady } from "./api.js";
import { announce, button, byId, counted } from "./dom.js";
import { closeReader } from "./reader.js";
import { Turn } from "./turn.js";

const KEPT = "dateline.conversation";

const field = byId("question");
const thread = byId("thread");

let conversation = begin();
let running = null; // what stops the answer that is arriving
let restored = Promise.resolve(); // once what this tab asked before is shown again

/** Wire up the question's form, and bring back what this tab asked before. */
export function startConversation() {
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(field.value);
  });
  field.addEventListener("keydown", (pressed) => {
    if (pressed.key === "Enter" && !pressed.shiftKey && !pressed.isComposing) {
      pressed.preventDefault();
      submit(field.value);
    }
  });
  field.addEventListener("input", grow);
  byId("stop").addEventListener("click", () => running?.abort());
  byId("anew").addEventListener("click", startAnew);
  restored = restore();
}

/** Ask, unless an answer is arriving or nothing was asked. */
export function submit(text) {
  const question = text.trim();
  if (running || !question) {
    field.focus();
    return;
  }
  field.value = "";
  grow();
  run(question);
  field.focus();
}

async function run(question) {
  const turn = new Turn(question);
  const stopping = new AbortController();
  setRunning(stopping);
  await restored;
  add(turn);
  turn.element.scrollIntoView({ block: "start" });
  try {
    await Promise.race([whenReady, stopped(stopping.signal)]);
    for await (const { name, data } of ask(question, conversation.id, stopping.signal)) {
      take(turn, name, data);
    }
  } catch (error) {
    end(turn, error);
  } finally {
    setRunning(null);
  }
}

function take(turn, name, data) {
  if (name === "passages") {
    turn.addPassages(data);
  } else if (name === "opening") {
    turn.showOpening(data.text);
  } else if (name === "citations") {
    turn.addCitations(data.citations);
  } else if (name === "sentence") {
    turn.addSentence(data);
  } else if (name === "answer") {
    turn.finish(data);
    conversation.answers.push(data.id);
    keep();
    const { sentences, citations } = data;
    announce(
      data.status === "abstained"
        ? "The articles do not say."
        : `Done: ${counted(sentences.length, "sentence")}, ${counted(citations.length, "quote")}.`,
    );
  }
}

function end(turn, error) {
  if (error.name === "AbortError") {
    turn.end("Stopped.");
    announce("Stopped.");
    return;
  }
  const again = button({ class: "primary" });
  again.addEventListener("click", () => {
    if (!running) {
      turn.element.remove();
      run(turn.question);
      field.focus();
    }
  });
  turn.end(error.message, { alert: true, again });
  countDown(again, error.wait ?? 0);
}

/** Offer to ask again, once the seconds are over that the service asked to wait. */
function countDown(again, seconds) {
  again.disabled = seconds > 0;
  again.textContent = seconds > 0 ? `Ask again in ${seconds} s` : "Ask again";
  if (seconds > 0) {
    setTimeout(() => countDown(again, seconds - 1), 1_000);
  }
}

function stopped(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function add(turn) {
  thread.append(turn.element);
  byId("view-ask").classList.add("begun");
  byId("anew").hidden = false;
}

function setRunning(stopping) {
  running = stopping;
  byId("send").hidden = Boolean(stopping);
  byId("stop").hidden = !stopping;
}

function grow() {
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight}px`;
}

function startAnew() {
  running?.abort();
  closeReader();
  conversation = begin();
  keep();
  thread.replaceChildren();
  byId("view-ask").classList.remove("begun");
  byId("anew").hidden = true;
  announce("A new conversation.");
  field.focus();
}

/** An empty conversation with a name that nobody guesses. */
function begin() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { id, answers: [] };
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(conversation));
  } catch {
    // It lasts until the page is left.
  }
}

/** Show the answers that this tab had, as far as the service still has them. */
async function restore() {
  let kept;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return;
  }
  if (!kept?.answers?.length) {
    return;
  }
  conversation = kept;
  for (const id of kept.answers) {
    try {
      const { answer, passages, opinion } = await request(`/answers/${encodeURIComponent(id)}`);
      const turn = new Turn(answer.question);
      turn.addPassages({ question: answer.standalone_question, passages });
      turn.finish(answer, opinion);
      add(turn);
    } catch (error) {
      announce(error.message);
    }
  }
}

/** Fulfilled once the service can answer; until then the page says why it cannot. */
export const whenReady = untilReady((why) => {
  byId("readiness").textContent = why;
  byId("readiness").hidden = false;
}).then(() => {
  byId("readiness").hidden = true;
});
