"use strict";
// The contact sheet: filter by target and face, mark samples as bad, save the list of them for
// `synth merge --without`. What is filtered stands in the address; marks stay in this browser.
(() => {
  const at = (id) => document.getElementById(id);
  const data = JSON.parse(at("sheet-data").textContent);
  const sheet = at("samples");
  const samples = [...sheet.querySelectorAll(".sample")].map((element) => ({
    element,
    image: element.dataset.image,
    sha256: element.dataset.sha256,
    face: element.dataset.face,
    targets: JSON.parse(element.dataset.targets),
  }));
  const filters = { target: at("by-target"), face: at("by-face"), mark: at("by-mark") };
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name]);
  const say = (words) => { at("notice").textContent = words; };

  // Marks: image to sha256, those of other pages of the same run too.
  let bad = new Map();
  const unkept = data.words.not_kept;
  try {
    bad = new Map(JSON.parse(localStorage.getItem(data.key) ?? "[]"));
  } catch (error) {
    say(unkept);
  }

  function paint(sample) {
    const is_bad = bad.has(sample.image);
    if (is_bad) sample.element.dataset.bad = "";
    else delete sample.element.dataset.bad;
    sample.element.querySelector(".bad").setAttribute("aria-pressed", String(is_bad));
  }

  function toggle(sample) {
    if (!bad.delete(sample.image)) bad.set(sample.image, sample.sha256);
    try {
      localStorage.setItem(data.key, JSON.stringify([...bad]));
    } catch (error) {
      say(unkept);
    }
    paint(sample);
    tell();
  }

  function list() {
    const rows = [...bad].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map((row) => row.join("\t"));
    return [data.header, ...rows].join("\n") + "\n";
  }

  at("save").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([list()], { type: "text/plain" }));
    Object.assign(document.createElement("a"), { href: address, download: "bad.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    say(filled(data.words.saved, { count: bad.size }));
  });
  at("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(list());
      say(filled(data.words.copied, { count: bad.size }));
    } catch (error) {
      say(data.words.not_copied);
    }
  });

  // Filters
  function fits(sample) {
    const mark = filters.mark.value;
    return (!filters.target.value || sample.targets.includes(filters.target.value)) &&
      (!filters.face.value || sample.face === filters.face.value) &&
      (!mark || bad.has(sample.image) === (mark === "bad"));
  }

  function tell() {
    const visible = samples.filter((one) => !one.element.hidden).length;
    const here = samples.filter((one) => bad.has(one.image)).length;
    const more = bad.size - here;
    const beyond = more > 0 ? filled(data.words.beyond, { count: more }) : "";
    at("count").textContent =
      filled(data.words.count, { shown: visible, all: samples.length, bad: here }) + beyond;
    at("none").hidden = visible > 0;
  }

  function filter() {
    for (const sample of samples) sample.element.hidden = !fits(sample);
    tell();
  }

  function remember() {
    const state = new URLSearchParams();
    for (const [name, one] of Object.entries(filters)) if (one.value) state.set(name, one.value);
    history.replaceState(null, "", `#${state}`);
    filter();
  }

  // A link into the page (#part-2) is no state.
  function recall() {
    const state = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    for (const [name, one] of Object.entries(filters)) {
      one.value = state.get(name) ?? "";
      if (one.selectedIndex < 0) one.value = "";
    }
    filter();
  }

  for (const one of Object.values(filters)) one.addEventListener("change", remember);
  at("reset").addEventListener("click", () => {
    for (const one of Object.values(filters)) one.value = "";
    remember();
  });
  addEventListener("hashchange", () => { if (location.hash.includes("=")) recall(); });

  // Clicks and keys
  sheet.addEventListener("click", (event) => {
    const sample = samples.find((one) => one.element.contains(event.target));
    if (!sample) return;
    if (event.target.closest("img, .bad")) toggle(sample);
    if (!event.target.closest(".bad")) sample.element.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) return;
    const visible = samples.filter((one) => !one.element.hidden);
    const here = visible.findIndex((one) => one.element.contains(document.activeElement));
    const step = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 }[event.key];
    if (step && visible.length && (event.key.length === 1 || here >= 0)) {
      event.preventDefault();
      const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), visible.length - 1);
      visible[next].element.focus();
    } else if (event.key === "b" && here >= 0) {
      event.preventDefault();
      toggle(visible[here]);
    }
  });

  samples.forEach(paint);
  recall();
})();
