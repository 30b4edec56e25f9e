/* 필터를 고쳐 보기: 사진에 3×3 필터를 걸고, 출력 한 칸이 어떻게 나왔는지 하나하나 봅니다. */
(function () {
  "use strict";
  const dlko = window.dlko, { el, button } = dlko;
  const PRESETS = {
    그대로: [0, 0, 0, 0, 1, 0, 0, 0, 0],
    흐리게: Array(9).fill(1 / 9),
    선명하게: [0, -1, 0, -1, 5, -1, 0, -1, 0],
    "세로 테두리": [-1, 0, 1, -2, 0, 2, -1, 0, 1],
    "가로 테두리": [-1, -2, -1, 0, 0, 0, 1, 2, 1],
    "모든 테두리": [-1, -1, -1, -1, 8, -1, -1, -1, -1],
  };
  const tidy = (value) => `${Math.round(100 * value) / 100}`.replace("-", "−");

  dlko.demos["cnn/convolution"] = function (place) {
    const spec = dlko.given["cnn/convolution"], [size] = spec.shape;
    const photo = dlko.unpack(spec.examples).slice(0, size * size);
    let picture = photo, kernel = [...PRESETS["세로 테두리"]], stride = 1, padding = 0, at = [0, 0], out = null;

    const input = el("canvas", { class: "dlko-view", role: "img", "aria-label": "입력 사진과 창" });
    const output = el("canvas", { class: "dlko-view", tabindex: "0", role: "application", "aria-label": "출력. 화살표로 칸을 고르면 그 칸의 계산을 읽어 줍니다." });
    const cells = kernel.map((_, i) => el("input", {
      type: "number", step: "any", "aria-label": `필터 ${Math.floor(i / 3) + 1}행 ${(i % 3) + 1}열`,
      input: () => { const value = Number(cells[i].value); if (Number.isFinite(value)) { kernel[i] = value; update(); } },
    }));
    const choose = (label, values, change) => {
      const select = el("select", { change: () => { change(Number(select.value)); update(); } }, ...values.map((value) => el("option", { value }, value)));
      return { node: el("label", {}, `${label} `, select), set: (value) => { select.value = value; } };
    };
    const strides = choose("스트라이드", [1, 2, 3], (value) => { stride = value; });
    const paddings = choose("패딩", [0, 1, 2], (value) => { padding = value; });
    const formula = el("p", { class: "dlko-answer" }), sum = el("p", { role: "status", class: "dlko-sum" });
    const read = (row, column) => (row < 0 || row >= size || column < 0 || column >= size ? 0 : picture[row * size + column]);

    function compute() {
      const side = Math.floor((size - 3 + 2 * padding) / stride) + 1, values = new Float32Array(side * side);
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++)
          for (let k = 0; k < 9; k++) values[y * side + x] += kernel[k] * read(y * stride - padding + Math.floor(k / 3), x * stride - padding + (k % 3));
      return { side, values };
    }
    function frame(canvas, row, column, width, height, scale) {
      const context = canvas.getContext("2d");
      context.strokeStyle = "#d55e00";
      context.lineWidth = 3;
      context.strokeRect(column * scale, row * scale, width * scale, height * scale);
    }
    /* 작은 그림을 크게: 픽셀 하나가 scale×scale */
    function enlarge(canvas, values, side, scale) {
      const small = el("canvas");
      dlko.paint(small, values, side, side, 1);
      canvas.width = canvas.height = side * scale;
      const context = canvas.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, side * scale, side * scale);
    }
    function show() {
      const { side, values } = out, edges = Math.abs(kernel.reduce((a, b) => a + b)) < 1e-6;
      at = at.map((value) => Math.min(side - 1, Math.max(0, value)));
      const [y, x] = at, top = y * stride - padding, left = x * stride - padding;
      enlarge(input, picture, size, 6);
      frame(input, top, left, 3, 3, 6);
      enlarge(output, edges ? values.map(Math.abs) : values, side, 6);
      frame(output, y, x, 1, 1, 6);
      const terms = kernel.map((weight, k) => `${tidy(read(top + Math.floor(k / 3), left + (k % 3)))}×${weight < 0 ? `(${tidy(weight)})` : tidy(weight)}`);
      sum.textContent = `${y + 1}행 ${x + 1}열: ${terms.join(" + ")} = ${tidy(values[y * side + x])}${edges ? " (수는 반올림해 적었습니다. 그림은 부호를 뺀 크기)" : " (수는 반올림해 적었습니다)"}`;
      formula.textContent = `출력의 크기 ⌊(${size} − 3 + 2×${padding}) / ${stride}⌋ + 1 = ${side}, 곧 ${side}×${side}`;
    }
    function update() {
      out = compute();
      place.dataset.side = out.side;
      place.dataset.center = out.values[Math.floor(out.values.length / 2)];
      show();
      dlko.address.set("filter", [...kernel.map((w) => Math.round(1000 * w) / 1000), stride, padding].join("_"));
    }
    function set(values) {
      kernel = [...values];
      cells.forEach((cell, i) => { cell.value = Math.round(1000 * kernel[i]) / 1000; });
      strides.set(stride);
      paddings.set(padding);
      update();
    }
    output.addEventListener("pointermove", (event) => {
      const box = output.getBoundingClientRect();
      at = [Math.floor(((event.clientY - box.top) / box.height) * out.side), Math.floor(((event.clientX - box.left) / box.width) * out.side)];
      show();
    });
    output.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!move) return;
      at = [at[0] + move[0], at[1] + move[1]];
      event.preventDefault();
      show();
    });

    const pad = dlko.pad("필터를 걸 그림을 그리는 판.", () => {
      const ink = pad.ink(), from = 256 / size;
      picture = Float32Array.from({ length: size * size }, (_, i) => {
        const row = Math.floor(i / size), column = i % size;
        let total = 0, count = 0;
        for (let y = Math.floor(row * from); y < (row + 1) * from; y++)
          for (let x = Math.floor(column * from); x < (column + 1) * from; x++) { total += ink[y * 256 + x]; count++; }
        return total / count;
      });
      update();
    });
    const drawing = el("details", { class: "dlko-inside" }, el("summary", {}, "사진 대신 내가 그린 그림에 걸기"), pad.node);
    place.replaceChildren(
      el("div", { class: "dlko-demo-buttons" }, ...Object.entries(PRESETS).map(([name, values]) => button(name, () => set(values))),
        button("처음으로", () => { picture = photo; stride = 1; padding = 0; set(PRESETS["세로 테두리"]); })),
      el("div", { class: "dlko-demo-row" },
        el("div", {}, el("p", { class: "dlko-demo-title" }, "입력"), input),
        el("div", {}, el("p", { class: "dlko-demo-title" }, "필터"), el("div", { class: "dlko-kernel" }, ...cells), el("p", { class: "dlko-demo-choices" }, strides.node, paddings.node)),
        el("div", {}, el("p", { class: "dlko-demo-title" }, "출력 (마우스나 화살표로 칸을 고르세요)"), output)),
      formula, sum, drawing);

    const sent = dlko.address.get("filter").split("_").map(Number);
    const good = sent.length === 11 && sent.every(Number.isFinite) && [1, 2, 3].includes(sent[9]) && [0, 1, 2].includes(sent[10]);
    if (good) [stride, padding] = sent.slice(9);
    at = [Math.floor(size / 4), Math.floor(size / 2)];
    set(good ? sent.slice(0, 9) : kernel);
  };
})();
