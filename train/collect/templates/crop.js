"use strict";
// The crop on the screen: turned, as large as its room allows, the next one decoded ahead.
const crop = (() => {
  const MOST_SCALE = 12; // beyond it, a small crop shows its pixels and no more
  const ZOOMS = [1, 2, 4];
  const stage = document.getElementById("stage");
  const frame = document.getElementById("frame");
  let images = new Map(); // id -> image: of this crop and of the next
  let image = null;
  let state = "";
  let turn = 0;
  let zoom = 1;
  let fit = 1; // pixels of the screen for one of the crop, at zoom 1

  function imageOf(id) {
    let made = images.get(id);
    if (!made) {
      made = new Image();
      made.src = work.cards.get(id).source;
      made.decoding = "sync";
    }
    return made;
  }

  function show(id, degrees, alt, next, ready) {
    const shown = imageOf(id);
    images = new Map([[id, shown]]);
    if (next !== null) images.set(next, imageOf(next));
    image = shown;
    image.alt = alt;
    turn = degrees;
    zoom = 1;
    state = "";
    stage.dataset.shown = "";
    frame.replaceChildren(image);
    const come = (name) => {
      if (image !== shown) return; // another crop took its place meanwhile
      state = name;
      stage.dataset.shown = name === "shown" ? id : "";
      lay();
      ready(name);
    };
    if (shown.complete) come(shown.naturalWidth ? "shown" : "broken");
    else {
      shown.onload = () => come("shown");
      shown.onerror = () => come("broken");
    }
  }

  function lay() {
    if (!image?.naturalWidth || !stage.clientWidth) return;
    const { naturalWidth, naturalHeight } = image;
    const isSide = turn % 180 !== 0;
    const [width, height] = isSide ? [naturalHeight, naturalWidth] : [naturalWidth, naturalHeight];
    const style = getComputedStyle(stage);
    const room = [stage.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
      stage.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom)];
    // The room is measured at zoom 1: scroll bars of an enlarged crop would make it smaller.
    if (zoom === 1) fit = Math.min(room[0] / width, room[1] / height, MOST_SCALE);
    const scale = fit * zoom;
    frame.style.width = `${width * scale}px`;
    frame.style.height = `${height * scale}px`;
    image.style.width = `${naturalWidth * scale}px`;
    image.style.height = `${naturalHeight * scale}px`;
    image.style.transform = `translate(-50%, -50%) rotate(${-turn}deg)`;
    stage.dataset.zoom = zoom;
    stage.dataset.turn = turn;
  }

  function enlarge() {
    const middle = (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth;
    zoom = ZOOMS[(ZOOMS.indexOf(zoom) + 1) % ZOOMS.length];
    lay();
    stage.scrollLeft = zoom === 2 ? 0 : middle * stage.scrollWidth - stage.clientWidth / 2;
    stage.scrollTop = (stage.scrollHeight - stage.clientHeight) / 2;
  }

  function pan(step) {
    const isWide = stage.scrollWidth > stage.clientWidth;
    stage.scrollBy(isWide ? { left: 0.7 * step * stage.clientWidth }
      : { top: 0.7 * step * stage.clientHeight });
  }

  window.addEventListener("resize", () => {
    zoom = 1;
    lay();
  });

  return {
    show, enlarge, pan,
    turnBy(degrees) {
      turn = (turn + degrees) % 360;
      zoom = 1;
      lay();
    },
    get turn() { return turn; },
    get state() { return state; },
  };
})();
