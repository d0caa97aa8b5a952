"use strict";
// The words of the page in the language of whoever answers, and texts with what hides in them.
const words = (() => {
  const PLACE = "answers-language";
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  let language = browser.read(PLACE) ?? data.language;
  if (!Object.hasOwn(data.words, language)) language = data.language;

  function say(word, values = {}) {
    return data.words[language][word].replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  }

  // Put the words into every element that names one.
  function speak() {
    document.documentElement.lang = language;
    document.title = data.title || say("title");
    for (const one of document.querySelectorAll("[data-word]")) {
      if (one.dataset.word !== "title" || !data.title) one.textContent = say(one.dataset.word);
    }
    for (const name of ["title", "placeholder"]) {
      for (const one of document.querySelectorAll(`[data-word-${name}]`)) {
        one.setAttribute(name, say(one.getAttribute(`data-word-${name}`)));
      }
    }
    document.getElementById("language").value = language;
  }

  function keyName(letter) {
    return (isMac ? "⌥" : "Alt+") + letter.toUpperCase();
  }

  // A text with each space as a sign, other white space and signs without a shape by their code
  // points, and digits apart from letters.
  function spans(text) {
    const parts = text.match(/ +|\p{Nd}+|[\p{Z}\p{C}]|[^\p{Nd}\p{Z}\p{C}]+/gu) ?? [];
    return parts.map((part) => {
      const span = document.createElement("span");
      span.textContent = part;
      if (part[0] === " ") {
        span.className = "space";
        span.textContent = "␣".repeat(part.length);
      } else if (/^\p{Nd}/u.test(part)) span.className = "digits";
      else if (/^[\p{Z}\p{C}]/u.test(part)) {
        span.className = "odd";
        span.textContent = `U+${part.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
      }
      return span;
    });
  }

  return {
    say, speak, keyName, spans,
    get language() { return language; },
    set language(name) {
      language = name;
      browser.write(PLACE, name);
    },
  };
})();
