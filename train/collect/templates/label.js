"use strict";
// The page: what the person types and presses, and what is said of it.
(() => {
  const at = (id) => document.getElementById(id);
  const input = at("text");
  const isTouch = matchMedia("(pointer: coarse)");
  const { say, keyName, spans } = words;
  const HIDDEN = "answers-hide";

  let touched = false; // whether the text was typed in since the crop came
  let composing = false;
  let since = 0; // when the crop came on the screen, or the page came back to it
  let undone = []; // crops just left for later, with the order that they had
  let hint = null; // {word, values}: said again in another language

  // What is said --------------------------------------------------------------------------
  function speak() {
    words.speak();
    tell();
    if (work.at === null) list();
    else state();
    if (hint) whisper(hint.word, hint.values);
  }

  // Said where screen readers hear it, until the next thing is said.
  function whisper(word, values) {
    hint = word ? { word, values } : null;
    at("hint").textContent = word ? say(word, values) : "";
  }

  // On a phone, the focus would bring up its keyboard over the crop.
  function toInput() {
    if (work.at !== null && !isTouch.matches) input.focus({ preventScroll: true });
  }

  // What is on the screen -------------------------------------------------------------------
  function show(id) {
    pause();
    work.move(id);
    for (const part of ["one", "keys"]) at(part).hidden = id === null;
    for (const part of ["review", "list"]) at(part).hidden = id !== null;
    at("all").setAttribute("aria-pressed", String(id === null));
    if (id === null) {
      at("mends").textContent = "";
      at("edges").hidden = true;
      list();
      at("summary").focus({ preventScroll: true });
      window.scrollTo(0, 0);
    } else {
      const card = work.cards.get(id);
      const answer = work.answer(id);
      crop.show(id, answer ? answer.turn : card.turn, say("crop"), following(id), (how) => {
        if (how === "broken") whisper("broken");
        if (document.visibilityState === "visible") since = performance.now();
      });
      at("path").textContent = card.path;
      fill();
      toInput();
      state();
    }
    tell();
  }

  // The crop to be decoded ahead: next to an answer, it is the one after this.
  function following(id) {
    const next = work.next(id);
    return next === id ? null : next;
  }

  // Put into the input what can be taken or mended: the answer, or else the reading.
  function fill() {
    const card = work.cards.get(work.at);
    const answer = work.answer(work.at);
    let text = answer?.kind === "text" ? answer.text : "";
    if (!card.blind && !at("hide").checked && (!answer || answer.shown !== null)) {
      if (!answer) work.offer(card.id);
      if (answer?.kind !== "text") text = card.text;
    }
    input.value = text;
    touched = false;
    input.setSelectionRange(text.length, text.length);
    echo();
  }

  function state() {
    const answer = work.answer(work.at);
    at("turned").textContent = crop.turn ? say("turned", { turn: crop.turn }) : "";
    at("mends").textContent = answer ? say(`mends_${answer.kind}`) : "";
    at("text-box").dataset.answered = answer ? answer.kind : "";
  }

  // The text again, with what hides in an input: spaces, their kinds, digits among letters.
  function echo() {
    at("echo").replaceChildren(...spans(input.value));
    at("edges").hidden = input.value === input.value.trim() || input.value.trim() === "";
  }

  function tell() {
    const open = work.all - work.done;
    const number = (value) => value.toLocaleString(words.language);
    at("bar").max = work.all;
    at("bar").value = work.done;
    const parts = [say("progress", { done: number(work.done), all: number(work.all) })];
    const pace = work.pace();
    if (pace && open) {
      parts.push(say("pace", { pace: pace.toFixed(pace < 10 ? 1 : 0) }));
      const minutes = Math.round(open / pace);
      parts.push(minutes ? say("left", { minutes: number(minutes) }) : say("left_little"));
    }
    at("progress").textContent = parts.join(" · ");
    kept();
  }

  function kept() {
    const values = { n: work.done.toLocaleString(words.language), name: saving.name };
    let word = browser.works ? "in_browser" : "in_page";
    if (!work.done) word = "none_yet";
    else if (work.isFiled) word = saving.name ? "in_file" : "in_some_file";
    at("kept").textContent = say(word, values);
    at("kept").dataset.safe = String(!work.done || work.isFiled);
    const faults = [];
    if (saving.fault) faults.push(say("file_failed", { reason: saving.fault }));
    if (!browser.works) faults.push(say("no_storage"));
    if (hasTwin) faults.push(say("other_tab"));
    at("fault").textContent = faults.join(" ");
  }
  let hasTwin = false;

  function pause() {
    if (since && work.at !== null) work.spend(work.at, (performance.now() - since) / 1000);
    since = 0;
  }

  // Answers ---------------------------------------------------------------------------------
  function answer(kind, text) {
    // A key that is pressed before the crop can be seen answers nothing.
    if (!crop.state || (crop.state === "broken" && kind !== "unreadable")) {
      whisper(crop.state || "loading");
      return;
    }
    pause();
    const id = work.at;
    work.put(id, { kind, text, turn: crop.turn });
    undone = [];
    saving.changed();
    whisper(`took_${kind}`, { text });
    show(work.next(id));
  }

  const acts = {
    take() {
      const text = input.value.normalize("NFC");
      if (text.trim() === "") whisper("empty", { key: keyName("x") });
      else answer("text", text);
    },
    unreadable: () => answer("unreadable", ""),
    not_text: () => answer("not_text", ""),
    over: () => turn(180),
    quarter: () => turn(90),
    zoom: () => crop.enlarge(),
    later() {
      const id = work.at;
      undone.push({ id, order: work.order });
      const next = work.order.slice(work.order.indexOf(id) + 1).find((one) => !work.answer(one));
      work.toTheEnd(id);
      whisper("took_later");
      show(next ?? work.next(id));
    },
    back() {
      const last = undone.pop();
      if (last) {
        work.order = last.order;
        whisper("");
        show(last.id);
        return;
      }
      const place = work.at === null ? work.all : work.order.indexOf(work.at);
      if (place === 0) {
        whisper("first");
        return;
      }
      whisper("");
      show(work.order[place - 1]);
    },
    all() {
      whisper("");
      undone = [];
      show(work.at === null ? work.next(null) : null);
    },
  };

  function turn(degrees) {
    crop.turnBy(degrees);
    state();
  }

  function act(name) {
    // A word that is still being composed is part of what was typed.
    if (composing) input.blur();
    const needsCrop = name !== "back" && name !== "all";
    if (needsCrop && work.at === null) return;
    acts[name]();
  }

  // The list --------------------------------------------------------------------------------
  // Only crops that are on the screen have an image: three hundred at once would be slow.
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const image = target.querySelector("img");
      if (isIntersecting) image.src = work.cards.get(target.dataset.id).source;
      else image.removeAttribute("src");
    }
  }, { rootMargin: "200px" });

  function list() {
    const open = work.all - work.done;
    at("complete").textContent = open ? say("incomplete", { n: open }) : say("complete");
    at("go-on").hidden = !open;
    for (const kind of data.kinds) at(`count-${kind}`).textContent = work.count(kind);
    at("count-open").textContent = open;
    watcher.disconnect();
    const items = work.order.map((id) => {
      const item = at("item").content.firstElementChild.cloneNode(true);
      const button = item.querySelector("button");
      const answer = work.answer(id);
      const turn = answer ? answer.turn : work.cards.get(id).turn;
      button.dataset.id = id;
      button.dataset.kind = answer ? answer.kind : "open";
      button.title = work.cards.get(id).path;
      const image = button.querySelector("img");
      image.style.transform = `rotate(${-turn}deg)`;
      image.classList.toggle("side", turn % 180 !== 0);
      const said = button.querySelector(".words");
      if (answer?.kind === "text") said.replaceChildren(...spans(answer.text));
      else said.textContent = answer ? say(`count_${answer.kind}`) : say("open");
      watcher.observe(button);
      return item;
    });
    at("items").replaceChildren(...items);
  }

  at("items").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) {
      undone = [];
      whisper("");
      show(button.dataset.id);
    }
  });

  // Keys and buttons ------------------------------------------------------------------------
  const chords = new Map();
  for (const button of document.querySelectorAll("[data-act]")) {
    const { key } = button.dataset;
    if (key) {
      chords.set(key, button.dataset.act);
      button.querySelector("kbd").textContent = keyName(key);
      button.setAttribute("aria-keyshortcuts", `Alt+${key.toUpperCase()}`);
    }
    // The focus stays in the input, and the keyboard of a phone as it is.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      act(button.dataset.act);
      toInput();
    });
  }

  // The letter by its key where a layout or an input method types another (Option, Hangul).
  function letterOf(event) {
    if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
    return event.code.startsWith("Key") ? event.code[3].toLowerCase() : "";
  }

  document.addEventListener("keydown", (event) => {
    const { ctrlKey, metaKey, altKey, shiftKey, target } = event;
    if (altKey && !ctrlKey && !metaKey && !shiftKey && !event.getModifierState("AltGraph")) {
      const name = chords.get(letterOf(event));
      if (!name) return;
      event.preventDefault();
      if (event.repeat) return;
      act(name);
      toInput();
      return;
    }
    // What is typed beside the input belongs into it: else Enter would take the reading alone.
    const isTyped = event.key.length === 1 || event.keyCode === 229;
    if (target === document.body && isTyped && !ctrlKey && !metaKey) toInput();
    if (target !== input && target !== document.body) return;
    // Enter and Esc belong to the input method while a syllable is composed. Safari ends the
    // composition first and says it by the code 229 alone.
    if (event.isComposing || event.keyCode === 229 || altKey) return;
    if (event.key === "Enter" || event.key === "Escape") {
      if (work.at === null) return;
      event.preventDefault();
      // A key that is held down would answer crops that nobody has seen.
      if (!event.repeat) act(event.key === "Enter" ? "take" : "unreadable");
    } else if ((ctrlKey || metaKey) && !shiftKey && letterOf(event) === "z" && !touched) {
      event.preventDefault();
      if (!event.repeat) act("back");
    } else if ((event.key === "PageDown" || event.key === "PageUp") && work.at !== null) {
      event.preventDefault();
      crop.pan(event.key === "PageDown" ? 1 : -1);
    }
  });

  input.addEventListener("compositionstart", () => { composing = true; });
  input.addEventListener("compositionend", () => { composing = false; });
  input.addEventListener("input", (event) => {
    touched = true;
    whisper("");
    const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
    if (!event.isComposing && control.test(input.value)) {
      input.value = input.value.replace(control, " ");
      whisper("control");
    }
    echo();
  });

  // Settings and files ----------------------------------------------------------------------
  at("by").addEventListener("input", () => {
    work.by = at("by").value;
    saving.changed();
    kept();
  });
  at("by").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && event.keyCode !== 229) input.focus();
  });
  at("hide").addEventListener("change", () => {
    browser.write(HIDDEN, at("hide").checked ? "yes" : "");
    if (work.at !== null && !touched) fill();
    toInput();
  });
  at("language").addEventListener("change", () => {
    words.language = at("language").value;
    speak();
  });
  at("save").hidden = !saving.canPick;
  at("save").addEventListener("click", async () => {
    await saving.pick();
    toInput();
  });
  at("download").addEventListener("click", () => {
    saving.download();
    toInput();
  });
  at("load-button").addEventListener("click", () => at("load").click());
  at("load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const before = work.done;
    const told = work.load(await file.text());
    event.target.value = "";
    at("by").value = work.by;
    if (work.done > before) {
      saving.changed();
      show(work.next(null));
    }
    whisper("");
    at("hint").textContent = told.map(({ word, values }) => say(word, values)).join(" ");
  });
  saving.onChange = kept;
  work.watch(() => {
    hasTwin = true;
    kept();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      pause();
      work.move(work.at);
    } else if (work.at !== null && crop.state) since = performance.now();
  });

  at("by").value = work.by;
  at("hide").checked = browser.read(HIDDEN) === "yes";
  show(work.at);
  speak();
})();
