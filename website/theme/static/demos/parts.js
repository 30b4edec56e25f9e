/* 시연들이 함께 쓰는 부품: 요소 만들기, 막대, 그림판, 특성 맵. */
(function () {
  "use strict";
  const dlko = window.dlko;

  /* 요소 하나. 속성이 함수이면 사건에 답하는 것입니다. */
  dlko.el = function (tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") made.addEventListener(name, value);
      else if (value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  };
  const el = dlko.el;

  dlko.button = (text, press, more = {}) => el("button", { type: "button", class: "btn dlko-demo-button", click: press, ...more }, text);

  /* 확률 막대. set(값들)을 부르면 가장 큰 것에 표시합니다. */
  dlko.bars = function (names, title) {
    const rows = names.map((name) => ({
      bar: el("span", { class: "dlko-bar" }), text: el("span", { class: "dlko-bar-text" }), name,
    }));
    const list = el("ol", { class: "dlko-bars", "aria-label": title },
      ...rows.map((row) => (row.item = el("li", {}, el("span", { class: "dlko-bar-name" }, row.name), el("span", { class: "dlko-bar-space" }, row.bar), row.text))));
    return {
      node: list,
      set(values) {
        const best = values.indexOf(Math.max(...values));
        rows.forEach((row, i) => {
          row.bar.style.width = `${100 * values[i]}%`;
          row.text.textContent = `${Math.round(100 * values[i])} %`;
          row.item.classList.toggle("dlko-best", i === best);
        });
      },
      clear() {
        rows.forEach((row) => { row.bar.style.width = "0"; row.text.textContent = ""; row.item.classList.remove("dlko-best"); });
      },
    };
  };

  /* 회색 그림(0..1)을 캔버스에. 픽셀 하나가 네모 하나입니다. */
  dlko.paint = function (canvas, values, height, width, high = 1) {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d"), picture = context.createImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      const gray = Math.round(255 * Math.min(1, Math.max(0, values[i] / high)));
      picture.data.set([gray, gray, gray, 255], 4 * i);
    }
    context.putImageData(picture, 0, 0);
  };

  /* 특성 맵 여러 장을 한 캔버스에 늘어놓습니다. 층에서 가장 큰 값을 흰색으로 합니다. */
  dlko.paintMaps = function (canvas, { shape: [height, width, depth], data }, columns) {
    const rows = Math.ceil(depth / columns), gap = 1;
    const fullWidth = columns * (width + gap) - gap, fullHeight = rows * (height + gap) - gap;
    const sheet = new Float32Array(fullWidth * fullHeight).fill(0.35);
    const high = Math.max(...data) || 1;
    for (let d = 0; d < depth; d++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const row = Math.floor(d / columns) * (height + gap) + y, column = (d % columns) * (width + gap) + x;
          sheet[row * fullWidth + column] = data[(y * width + x) * depth + d] / high;
        }
    dlko.paint(canvas, sheet, fullHeight, fullWidth);
  };

  /* 그림판. 획은 0..255의 점들이고, 마우스와 손가락과 자판으로 그립니다. changed(끝났는지)를 부릅니다. */
  dlko.pad = function (label, changed) {
    const SIZE = 256, PEN = 20, STEP = 10;
    const canvas = el("canvas", {
      width: SIZE, height: SIZE, tabindex: "0", role: "application", class: "dlko-pad",
      "aria-label": `${label} 화살표로 펜을 옮기고, 빈칸 글쇠로 펜을 대거나 떼고, Delete로 지웁니다.`,
    });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    let strokes = [], down = false, pen = [128, 128], keys = false;

    function draw() {
      context.fillStyle = "#000";
      context.fillRect(0, 0, SIZE, SIZE);
      context.strokeStyle = context.fillStyle = "#fff";
      context.lineWidth = PEN;
      context.lineCap = context.lineJoin = "round";
      for (const stroke of strokes) {
        context.beginPath();
        stroke.forEach(([x, y]) => context.lineTo(x, y));
        if (stroke.length === 1) context.lineTo(stroke[0][0] + 0.1, stroke[0][1]);
        context.stroke();
      }
    }
    /* 자판의 펜 자리. 읽은 다음에 그려야 숫자에 섞이지 않습니다. */
    function drawPen() {
      if (!keys) return;
      context.strokeStyle = down ? "#e69f00" : "#56b4e9";
      context.lineWidth = 3;
      context.beginPath();
      context.arc(pen[0], pen[1], PEN / 2, 0, 7);
      context.stroke();
    }
    function add(point, fresh) {
      const last = strokes.at(-1);
      if (fresh || !last) strokes.push([point]);
      else if (Math.hypot(point[0] - last.at(-1)[0], point[1] - last.at(-1)[1]) > 4) last.push(point);
    }
    function update(done) { draw(); changed(done); drawPen(); }
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      const scale = (value, from, size) => Math.round(Math.min(255, Math.max(0, ((value - from) / size) * SIZE)));
      return [scale(event.clientX, box.left, box.width), scale(event.clientY, box.top, box.height)];
    };
    canvas.addEventListener("pointerdown", (event) => {
      try { canvas.setPointerCapture(event.pointerId); } catch { /* 흉내 낸 사건 */ }
      keys = false;
      down = true;
      add(place(event), true);
      update(false);
      event.preventDefault();
      canvas.focus({ preventScroll: true });
    });
    canvas.addEventListener("pointermove", (event) => { if (down && !keys) { add(place(event)); update(false); } });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { if (down && !keys) { down = false; update(true); } });
    canvas.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
      if (move) {
        pen = pen.map((value, i) => Math.min(250, Math.max(5, value + move[i])));
        if (down && keys) add([...pen]);
      } else if (event.key === " ") {
        down = !(down && keys);
        if (down) add([...pen], true);
      } else if (event.key === "Delete" || event.key === "Backspace") {
        strokes = [];
        down = false;
      } else return;
      keys = true;
      event.preventDefault();
      update(!down);
    });
    canvas.addEventListener("blur", () => { keys = down = false; draw(); });
    draw();
    return {
      node: canvas,
      get strokes() { return strokes; },
      set strokes(given) { strokes = given; down = false; update(true); },
      /* 획의 밝기 0..1, 256×256 */
      ink() {
        draw();
        const { data } = context.getImageData(0, 0, SIZE, SIZE);
        return Float32Array.from({ length: SIZE * SIZE }, (_, i) => data[4 * i] / 255);
      },
    };
  };

  /* 주소에 담기: 획마다 점의 수와 점들 */
  dlko.packStrokes = (strokes) =>
    btoa(String.fromCharCode(...strokes.filter((s) => s.length).flatMap((s) => [Math.min(255, s.length), ...s.slice(0, 255).flat()])))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  dlko.unpackStrokes = function (text) {
    const strokes = [];
    try {
      const bytes = [...atob(text.replace(/-/g, "+").replace(/_/g, "/"))].map((letter) => letter.charCodeAt(0));
      for (let i = 0; i < bytes.length; ) {
        const count = bytes[i++], points = bytes.slice(i, i + 2 * count);
        strokes.push(Array.from({ length: points.length >> 1 }, (_, k) => [points[2 * k], points[2 * k + 1]]));
        i += 2 * count;
      }
    } catch { return []; } // 잘린 주소
    return strokes.filter((stroke) => stroke.length);
  };
  dlko.address = {
    get: (key) => new URLSearchParams(location.hash.slice(1)).get(key) || "",
    /* 한 쪽의 시연이 여럿이면 서로의 것을 남겨 둡니다. 값은 주소에 그대로 적을 수 있는 글이어야 합니다. */
    set(key, value) {
      if (!value && !location.hash.includes(`${key}=`)) return;
      const kept = location.hash.slice(1).split("&").filter((part) => part.includes("=") && !part.startsWith(`${key}=`));
      const all = (value ? [...kept, `${key}=${value}`] : kept).join("&");
      try { history.replaceState(null, "", all ? `#${all}` : location.pathname + location.search); } catch { /* 막는 브라우저 */ }
    },
  };
})();
