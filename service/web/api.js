// Requests to the service this page came from, with the reader's key where one is needed.

import { byId } from "./dom.js";
import { readEvents } from "./events.js";

const KEY = "dateline.key";
const REPLY_MS = 30_000; // until a reply begins
const SILENCE_MS = 25_000; // of a stream, which gives a sign of life every 5 s
const READY_MS = 1_000;
const SILENT = new DOMException("nothing came in time", "TimeoutError");

/** A request that failed: a message for the reader, and seconds to wait where the service said so. */
export class Failure extends Error {
  constructor(message, { code = "", wait = 0 } = {}) {
    super(message);
    this.code = code;
    this.wait = wait;
  }
}

/** The JSON at `path`; `body` is posted. Throws Failure, and AbortError where `signal` says so. */
export async function request(path, { body, signal } = {}) {
  const response = await send(path, body, signal);
  try {
    return await response.json();
  } catch (error) {
    throw asFailure(error);
  }
}

/** The events of a question, as they come; throws as `request` does. */
export async function* ask(question, conversation, signal) {
  const silence = new AbortController();
  let timer = 0;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(SILENT), SILENCE_MS);
  };
  const body = { question, conversation_id: conversation, stream: true };
  try {
    const response = await send("/chat", body, AbortSignal.any([signal, silence.signal]));
    let whole = false;
    heard();
    for await (const { name, data } of readEvents(response.body, heard)) {
      if (name === "error") {
        throw new Failure(data.error.message, { code: data.error.code });
      }
      whole ||= name === "answer";
      yield { name, data };
    }
    if (!whole) {
      throw new Failure("The answer broke off; the service was stopped, or the connection lost.");
    }
  } catch (error) {
    throw signal.aborted ? error : asFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Wait until the service can answer; `report` hears why it cannot, again and again. */
export async function untilReady(report) {
  for (;;) {
    try {
      const response = await fetch("/ready", { signal: AbortSignal.timeout(REPLY_MS) });
      if (response.ok) {
        return;
      }
      report("Getting ready: the index and the models are being loaded.");
    } catch {
      report("The service cannot be reached; trying again.");
    }
    await new Promise((done) => setTimeout(done, READY_MS));
  }
}

async function send(path, body, signal) {
  for (let refused = false; ; refused = true) {
    const key = readKey();
    const response = await fetchOnce(path, body, key, signal);
    if (response.ok) {
      return response;
    }
    if (response.status !== 401) {
      throw await readFailure(response);
    }
    if (key === readKey() && !(await askForKey(refused || key !== null))) {
      throw await readFailure(response);
    }
  }
}

async function fetchOnce(path, body, key, signal) {
  const headers = key === null ? {} : { Authorization: `Bearer ${key}` };
  const posted = body && {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(SILENT), REPLY_MS);
  const either = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  try {
    return await fetch(path, { headers, signal: either, ...posted });
  } catch (error) {
    throw asFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

async function readFailure(response) {
  const wait = Number(response.headers.get("Retry-After")) || 0;
  const told = await response.json().catch(() => ({}));
  const message = told.error?.message ?? `The service answered with status ${response.status}.`;
  return new Failure(message, { code: told.error?.code, wait });
}

/** What went wrong on the way, in words; a request that was stopped on purpose stays AbortError. */
function asFailure(error) {
  if (error instanceof Failure || error.name === "AbortError") {
    return error;
  }
  if (error.name === "TimeoutError") {
    return new Failure("The service has gone silent; ask again.");
  }
  return new Failure(
    navigator.onLine
      ? "The service cannot be reached, or the connection was lost; ask again."
      : "There is no connection to the network; ask again when there is.",
  );
}

let memory = null; // where the browser keeps nothing

function readKey() {
  try {
    return sessionStorage.getItem(KEY) ?? memory;
  } catch {
    return memory;
  }
}

let asking = null;

/** Ask the reader for a key, once for all requests that wait for it; whether one was given. */
function askForKey(wrong) {
  asking ??= openKeyDialog(wrong).finally(() => {
    asking = null;
  });
  return asking;
}

function openKeyDialog(wrong) {
  const dialog = byId("key");
  const field = byId("key-field");
  byId("key-title").textContent = wrong ? "That key is not known" : "A key is needed";
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  field.focus();
  return new Promise((done) => {
    dialog.addEventListener(
      "close",
      () => {
        const given = dialog.returnValue === "use" && field.value.trim();
        if (given) {
          keepKey(given);
        }
        done(Boolean(given));
      },
      { once: true },
    );
  });
}

function keepKey(key) {
  memory = key;
  try {
    sessionStorage.setItem(KEY, key);
  } catch {
    // It holds until the page is left.
  }
}
