"use strict";
// The file of answers: one that each answer is written to, where the browser can do that, or a
// download.
const saving = (() => {
  const NAME = "answers.json";
  const QUIET_MS = 300;
  let handle = null;
  let fault = "";
  let timer = 0;
  let writing = Promise.resolve();
  let tell = () => {};

  // One after the other: two writers of one file would each replace what the other wrote.
  function write() {
    clearTimeout(timer);
    timer = 0;
    writing = writing.then(async () => {
      const upTo = work.changes;
      try {
        const out = await handle.createWritable();
        await out.write(work.file());
        await out.close();
        fault = "";
        work.isIn(upTo);
      } catch (error) {
        fault = error.message || error.name;
      }
      tell();
    });
  }

  async function pick() {
    try {
      handle = await window.showSaveFilePicker({ suggestedName: NAME,
        types: [{ accept: { "application/json": [".json"] } }] });
    } catch (error) {
      if (error.name === "AbortError") return; // nobody chose a file
      fault = error.message || error.name;
      tell();
      return;
    }
    write();
  }

  function changed() {
    if (!handle) return;
    clearTimeout(timer);
    timer = setTimeout(write, QUIET_MS);
  }

  function download() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([work.file()], { type: "application/json" }));
    link.download = NAME;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    work.isIn(work.changes);
    tell();
  }

  document.addEventListener("visibilitychange", () => {
    if (timer && document.visibilityState === "hidden") write();
  });
  window.addEventListener("beforeunload", (event) => {
    if (timer) write();
    if (!work.done || work.isFiled) return;
    event.preventDefault();
    event.returnValue = true; // older browsers ask for it
  });

  return {
    pick, download, changed,
    canPick: "showSaveFilePicker" in window,
    get name() { return handle?.name ?? ""; },
    get fault() { return fault; },
    set onChange(callback) { tell = callback; },
  };
})();
