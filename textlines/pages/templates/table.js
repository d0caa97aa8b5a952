"use strict";
// Tables: a click on a heading sorts by it (again: the other way round), typing filters.
for (const box of document.querySelectorAll(".table")) {
  const body = box.querySelector("tbody");
  if (!body) continue;
  const heads = [...box.querySelectorAll("thead th")];
  const search = box.querySelector(".filter input");
  const limit = Number(box.dataset.shown) || Infinity;
  let rows = [...body.rows];
  let open = rows.length <= limit;
  const keys = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  const more = document.createElement("button");
  more.type = "button";
  more.className = "plain more";
  more.addEventListener("click", () => { open = true; show(); });
  if (!open) box.append(more);

  function show() {
    const wanted = search ? search.value.trim().toLowerCase() : "";
    let found = 0;
    for (const row of rows) {
      const hit = keys.get(row).includes(wanted);
      found += hit;
      row.hidden = !hit || (!open && found > limit);
    }
    more.hidden = open || found <= limit;
    more.textContent = box.dataset.more.replace("{rows}", found.toLocaleString("en"));
  }

  function value(row, at) {
    const cell = row.cells[at];
    const key = cell.dataset.sort ?? cell.textContent.trim();
    const asNumber = Number(key.replaceAll(",", ""));
    return key !== "" && !Number.isNaN(asNumber) ? asNumber : key;
  }

  function order(a, b) {
    if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
    return typeof a === "number" ? -1 : 1;
  }

  heads.forEach((head, at) => head.addEventListener("click", () => {
    const first = head.classList.contains("number") ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    const way = head.getAttribute("aria-sort") === first ? other : first;
    for (const one of heads) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", way);
    const sign = way === "ascending" ? 1 : -1;
    const keyed = rows.map((row) => [value(row, at), row]);
    keyed.sort((a, b) => sign * order(a[0], b[0]));
    rows = keyed.map((pair) => pair[1]);
    body.append(...rows);
    show();
  }));
  if (search) search.addEventListener("input", show);
  show();
}
