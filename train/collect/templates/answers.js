"use strict";
// The answers to one queue: which crop is next, what was said of it, and the file of it all. Kept
// in this browser under the hash of the queue.
const data = JSON.parse(document.getElementById("label-data").textContent);

const browser = {
  works: true,
  read(name) {
    try {
      return localStorage.getItem(`ocr-mend/${name}`);
    } catch (error) {
      this.works = false;
      return null;
    }
  },
  write(name, text) {
    try {
      localStorage.setItem(`ocr-mend/${name}`, text);
      this.works = true;
    } catch (error) {
      this.works = false;
    }
  },
};

const work = (() => {
  const MOST_SECONDS = 120; // of one crop: longer is a pause
  const PACE_OF = 30; // answers, the latest
  const place = `answers/${data.queue}`;
  const cards = new Map(data.cards.map((card) => [card.id, card]));
  const ids = [...cards.keys()];

  let order = ids; // the one in which crops come; "later" moves a crop to the end
  let at = ids[0]; // null: the list of answers is open
  let by = browser.read("answers-by") ?? "";
  let answers = new Map(); // id -> {kind, text, turn, shown, seconds}, by when they were given
  let offered = new Set(); // ids whose reading was on the screen
  let spent = new Map(); // id -> seconds on the screen
  let changes = 0; // counted, to know whether a file holds the latest
  let filed = 0;
  restore();

  function restore() {
    try {
      const kept = JSON.parse(browser.read(place));
      if (!kept) return;
      const known = (id) => cards.has(id);
      order = [...new Set([...kept.order.filter(known), ...ids])];
      answers = new Map(kept.answers.filter(([id]) => known(id)));
      offered = new Set(kept.offered.filter(known));
      spent = new Map(kept.spent.filter(([id]) => known(id)));
      at = kept.at === null || known(kept.at) ? kept.at : ids[0];
      [changes, filed] = [kept.changes, kept.filed];
    } catch (error) {
      // What an earlier page kept in another form is no reason to show nothing.
    }
  }

  function keep() {
    browser.write(place, JSON.stringify({ order, at, answers: [...answers], offered: [...offered],
      spent: [...spent], changes, filed }));
  }

  function move(id) {
    at = id;
    keep();
  }

  // The first crop without an answer after the one of this id, then from the start.
  function next(id) {
    const from = order.indexOf(id) + 1;
    return [...order.slice(from), ...order.slice(0, from)].find((one) => !answers.has(one)) ?? null;
  }

  function put(id, answer) {
    const seconds = Math.round(Math.min(spent.get(id) ?? 0, MOST_SECONDS) * 10) / 10;
    const shown = offered.has(id) ? cards.get(id).text : null;
    // An answer that is mended keeps what was on the screen when it was first given.
    const earlier = answers.get(id);
    answers.delete(id);
    answers.set(id, { ...answer, shown: earlier ? earlier.shown : shown, seconds });
    changes += 1;
    keep();
  }

  function toTheEnd(id) {
    order = [...order.filter((one) => one !== id), id];
    keep();
  }

  function spend(id, seconds) {
    spent.set(id, (spent.get(id) ?? 0) + seconds);
  }

  function count(kind) {
    return [...answers.values()].filter((answer) => answer.kind === kind).length;
  }

  // Answers in a minute of looking at crops; null while there are too few to tell.
  function pace() {
    const latest = [...answers.values()].slice(-PACE_OF);
    const seconds = latest.reduce((sum, answer) => sum + answer.seconds, 0);
    return latest.length < 5 || seconds <= 0 ? null : 60 * latest.length / seconds;
  }

  function file() {
    const rows = ids.filter((id) => answers.has(id)).map((id) => {
      const { path, role } = cards.get(id);
      const { kind, text, turn, shown, seconds } = answers.get(id);
      return "\n  " + JSON.stringify({ id, path, role, kind, text, turn, shown, seconds });
    });
    const head = { format: data.format, version: data.version, queue: data.queue, by: by.trim() };
    const fields = Object.entries(head).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
    return `{${fields.join(", ")}, "answers": [${rows.join(",")}\n]}\n`;
  }

  function isAnswer(row) {
    return row !== null && typeof row === "object" && cards.has(row.id) &&
      data.kinds.includes(row.kind) && data.turns.includes(row.turn) &&
      typeof row.text === "string" && (row.text.trim() !== "") === (row.kind === "text") &&
      (row.shown === null || typeof row.shown === "string") && Number.isFinite(row.seconds);
  }

  // Take the answers of a file. What was answered here stays. Returns the words that say what came
  // of it: [{word, values}].
  function load(text) {
    let content;
    try {
      content = JSON.parse(text);
    } catch (error) {
      content = null;
    }
    const refuse = (word, values = {}) => [{ word, values }];
    if (content?.format !== data.format || !Array.isArray(content.answers)) {
      return refuse("refuse_file");
    }
    if (content.version !== data.version) {
      return refuse("refuse_version", { version: content.version, wanted: data.version });
    }
    if (content.queue !== data.queue) return refuse("refuse_queue");
    const theirs = String(content.by ?? "").trim();
    if (theirs && by.trim() && theirs !== by.trim()) {
      return refuse("refuse_by", { theirs, ours: by.trim() });
    }
    const odd = content.answers.findIndex((row) => !isAnswer(row));
    if (odd >= 0) return refuse("refuse_answer", { n: odd + 1 });
    const fresh = content.answers.filter((row) => !answers.has(row.id));
    for (const { id, kind, text, turn, shown, seconds } of fresh) {
      answers.set(id, { kind, text, turn, shown, seconds });
      spent.set(id, seconds);
    }
    by = by.trim() || theirs;
    browser.write("answers-by", by);
    if (fresh.length) changes += 1;
    keep();
    const told = [{ word: "loaded", values: { n: fresh.length } }];
    const stay = content.answers.length - fresh.length;
    if (stay) told.push({ word: "loaded_stay", values: { n: stay } });
    return told;
  }

  return {
    cards, put, next, move, toTheEnd, spend, count, pace, file, load,
    get at() { return at; },
    get order() { return order; },
    set order(ids) { order = ids; keep(); },
    get by() { return by; },
    set by(name) {
      by = name;
      browser.write("answers-by", by);
      if (answers.size) changes += 1;
      keep();
    },
    get changes() { return changes; },
    get isFiled() { return filed === changes; },
    answer: (id) => answers.get(id),
    get done() { return answers.size; },
    get all() { return ids.length; },
    offer(id) { offered.add(id); keep(); },
    isOffered: (id) => offered.has(id),
    isIn(upTo) { filed = upTo; keep(); },
    watch(other) {
      window.addEventListener("storage", (event) => {
        if (event.key === `ocr-mend/${place}`) other();
      });
    },
  };
})();
