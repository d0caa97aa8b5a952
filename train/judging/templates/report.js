"use strict";
// The lines of a profile: filter, order and mark them. Marks are kept in this browser under the
// hash of the profile, and saved as marks.tsv for `train mine --marks`.
(() => {
  const at = (id) => document.getElementById(id);
  const data = JSON.parse(at("marks-data").textContent);
  const list = at("line-list");
  const lines = [...list.querySelectorAll(".line")].map((element) => ({
    element,
    path: element.dataset.path,
    number: Number(element.dataset.number),
    chars: JSON.parse(element.dataset.chars),
    pairs: JSON.parse(element.dataset.pairs),
    score: element.dataset.score === "" ? null : Number(element.dataset.score),
    faults: Number(element.dataset.faults),
    suspected: "suspected" in element.dataset,
    agreed: "agreed" in element.dataset,
    text: [0, 1].map((row) => [...element.querySelectorAll(".step")]
      .map((step) => step.children[row].textContent).join("")).join("\n")
      .toLowerCase().replaceAll("␣", " ") + "\n" + element.dataset.path.toLowerCase(),
  }));
  const names = [...new Set([...list.querySelectorAll("[data-mark]")]
    .map((button) => button.dataset.mark))];
  const words = data.words;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name]);
  const known = new Set(names.length ? names : ["label_wrong", "ignore", "real"]);
  const keys = { w: "label_wrong", i: "ignore", r: "real", u: "" };

  // Marks -----------------------------------------------------------------------------------
  let marks = new Map(Object.entries(data.marks));
  try {
    const kept = localStorage.getItem(data.key);
    if (kept) marks = new Map(Object.entries(JSON.parse(kept)));
  } catch (error) {
    at("notice").textContent = words.not_kept;
  }

  function keep() {
    try {
      localStorage.setItem(data.key, JSON.stringify(Object.fromEntries(marks)));
    } catch (error) {
      at("notice").textContent = words.not_kept;
    }
  }

  function paint(line) {
    const mark = marks.get(line.path) ?? "";
    if (mark) line.element.dataset.mark = mark;
    else delete line.element.dataset.mark;
    for (const button of line.element.querySelectorAll(".marks button")) {
      button.setAttribute("aria-pressed", String(button.dataset.mark === mark));
    }
  }

  function put(line, mark) {
    if (mark && marks.get(line.path) !== mark) marks.set(line.path, mark);
    else marks.delete(line.path);
    for (const one of lines) if (one.path === line.path) paint(one);
    keep();
    tell();
  }

  function saved() {
    const rows = [...marks].sort((a, b) => (a[0] < b[0] ? -1 : 1));
    return [data.header, ...rows.map((row) => row.join("\t"))].join("\n") + "\n";
  }

  at("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([saved()], { type: "text/tab-separated-values" }));
    link.download = "marks.tsv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    at("notice").textContent = filled(words.saved, { count: marks.size });
  });

  at("load").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    let taken = 0;
    let refused = 0;
    for (const row of (await file.text()).split(/\r?\n/)) {
      if (!row.trim() || row === data.header) continue;
      const [path, mark, ...rest] = row.split("\t");
      if (path && known.has(mark) && !rest.length) {
        marks.set(path, mark);
        taken += 1;
      } else refused += 1;
    }
    event.target.value = "";
    lines.forEach(paint);
    keep();
    tell();
    at("notice").textContent = filled(refused ? words.refused : words.loaded,
      { count: taken, refused });
  });
  at("load-label").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    at("load").click();
  });

  // Filter and order ------------------------------------------------------------------------
  const controls = { char: at("by-char"), pair: at("by-pair"), kind: at("by-kind"),
    text: at("by-text"), order: at("order") };

  const kinds = {
    "": () => true,
    suspected: (line) => line.suspected,
    agreed: (line) => line.agreed,
    marked: (line) => marks.has(line.path),
    unmarked: (line) => !marks.has(line.path),
  };

  function shown() {
    return lines.filter((line) => !line.element.hidden);
  }

  function filter() {
    const char = controls.char.value;
    const pair = controls.pair.value;
    const text = controls.text.value.trim().toLowerCase();
    const fits = kinds[controls.kind.value];
    for (const line of lines) {
      line.element.hidden = !((!char || line.chars.includes(char)) &&
        (!pair || line.pairs.includes(pair)) && (!text || line.text.includes(text)) && fits(line));
    }
    tell();
  }

  function order() {
    const [name, down] = controls.order.value.split("-");
    const sign = down === undefined ? 1 : -1;
    lines.sort((a, b) => {
      const [x, y] = [a[name], b[name]];
      // A line without a score comes last, whichever way.
      if (x === null || y === null) return (x === null) - (y === null) || a.number - b.number;
      return sign * (x < y ? -1 : x > y ? 1 : 0) || a.number - b.number;
    });
    list.append(...lines.map((line) => line.element));
  }

  function tell() {
    const visible = shown().length;
    const marked = lines.filter((line) => marks.has(line.path)).length;
    at("count").textContent = filled(words.count,
      { shown: visible, all: lines.length, marked });
    at("none").hidden = visible > 0;
  }

  for (const name of ["char", "pair", "kind"]) controls[name].addEventListener("change", filter);
  controls.text.addEventListener("input", filter);
  controls.order.addEventListener("change", order);
  at("reset").addEventListener("click", () => show("", ""));

  function show(char, pair) {
    controls.char.value = char;
    controls.pair.value = pair;
    controls.kind.value = "";
    controls.text.value = "";
    filter();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.closest(".line")) {
      const line = lines.find((one) => one.element === button.closest(".line"));
      put(line, button.dataset.mark);
      line.element.focus({ preventScroll: true });
    } else if ("char" in button.dataset || "pair" in button.dataset) {
      show(button.dataset.char ?? "", button.dataset.pair ?? "");
      at("lines").scrollIntoView();
      shown()[0]?.element.focus({ preventScroll: true });
    }
  });
  list.addEventListener("click", (event) => {
    if (!event.target.closest("button")) event.target.closest(".line")?.focus();
  });

  // Keys ------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const visible = shown();
    const here = visible.findIndex((line) => line.element.contains(document.activeElement));
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (event.key === "/") {
      event.preventDefault();
      controls.text.focus();
    } else if (step && visible.length && (event.key.length === 1 || here >= 0)) {
      event.preventDefault();
      const next = Math.min(Math.max(here + step, 0), visible.length - 1);
      visible[here < 0 ? 0 : next].element.focus();
    } else if (here >= 0 && event.key in keys) {
      event.preventDefault();
      put(visible[here], keys[event.key]);
    }
  });

  lines.forEach(paint);
  filter();
})();
