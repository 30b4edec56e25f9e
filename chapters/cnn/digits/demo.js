/* 숫자를 써 보기: 쓴 것을 MNIST처럼 손질해 방금 훈련한 신경망에 넣습니다. */
(function () {
  "use strict";
  const dlko = window.dlko, { el, button } = dlko;
  const NAMES = [..."0123456789"];
  // 숫자가 아닌 것. 획은 그림판의 점들입니다.
  const OTHERS = {
    하트: [[[128, 90], [110, 60], [80, 55], [60, 75], [60, 105], [85, 145], [128, 195], [171, 145], [196, 105], [196, 75], [176, 55], [146, 60], [128, 90]]],
    가: [[[50, 70], [125, 70], [120, 110], [95, 155], [55, 190]], [[170, 45], [170, 215]], [[170, 125], [210, 125]]],
    세모: [[[128, 50], [55, 200], [201, 200], [128, 50]]],
  };

  /* 획이 든 네모를 잘라 긴 변을 20으로 줄이고, 무게 중심을 28×28의 한가운데에 놓습니다. 본문의 place_like_mnist와 같습니다. */
  function placeLikeMnist(ink, size) {
    let top = size, bottom = -1, left = size, right = -1;
    for (let i = 0; i < ink.length; i++)
      if (ink[i] > 0) {
        const y = Math.floor(i / size), x = i % size;
        top = Math.min(top, y); bottom = Math.max(bottom, y);
        left = Math.min(left, x); right = Math.max(right, x);
      }
    if (bottom < 0) return null;
    const tall = bottom - top + 1, wide = right - left + 1, scale = 20 / Math.max(tall, wide);
    const height = Math.max(1, Math.round(scale * tall)), width = Math.max(1, Math.round(scale * wide));
    const small = new Float32Array(height * width);
    let mass = 0, sumY = 0, sumX = 0, high = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        // 이 픽셀에 들어오는 네모의 평균
        const y0 = top + (y * tall) / height, y1 = top + ((y + 1) * tall) / height;
        const x0 = left + (x * wide) / width, x1 = left + ((x + 1) * wide) / width;
        let total = 0, area = 0;
        for (let row = Math.floor(y0); row < y1; row++)
          for (let column = Math.floor(x0); column < x1; column++) {
            const share = (Math.min(row + 1, y1) - Math.max(row, y0)) * (Math.min(column + 1, x1) - Math.max(column, x0));
            total += share * ink[row * size + column];
            area += share;
          }
        const value = total / area;
        small[y * width + x] = value;
        mass += value; sumY += y * value; sumX += x * value;
        high = Math.max(high, value);
      }
    const startY = Math.round(14 - sumY / mass), startX = Math.round(14 - sumX / mass);
    const out = new Float32Array(28 * 28);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const row = startY + y, column = startX + x;
        if (row >= 0 && row < 28 && column >= 0 && column < 28) out[row * 28 + column] = small[y * width + x] / high;
      }
    return out;
  }

  dlko.demos["cnn/digits"] = function (place) {
    const spec = dlko.given["cnn/digits"];
    const net = dlko.net(spec), examples = dlko.unpack(spec.examples);
    const bars = dlko.bars(NAMES, "숫자마다의 확률");
    const seen = el("canvas", { class: "dlko-seen", width: 28, height: 28, role: "img", "aria-label": "신경망이 받는 28×28 사진" });
    const answer = el("p", { class: "dlko-answer", role: "status" });
    const shown = net.layers.map((layer, i) => ({ layer, i })).filter(({ layer }) => layer.kind === "Conv2D" || layer.kind === "MaxPooling2D");
    const sheets = shown.map(({ layer }) => el("canvas", { class: "dlko-maps", role: "img", "aria-label": `${layer.kind} ${layer.name}의 특성 맵` }));
    const captions = shown.map(() => el("figcaption"));
    const inside = el("details", { class: "dlko-inside" }, el("summary", {}, "층을 지나는 모습 보기"),
      ...shown.map((_, k) => el("figure", {}, captions[k], sheets[k])));
    let given = null;

    function show(pixels, done) {
      if (!pixels) {
        bars.clear();
        seen.getContext("2d").clearRect(0, 0, 28, 28);
        answer.textContent = "아직 아무것도 없습니다. 빈 칸에는 답하지 않습니다. 숫자를 하나 써 보세요.";
        return;
      }
      dlko.paint(seen, pixels, 28, 28);
      const outputs = net.run({ shape: [28, 28, 1], data: pixels });
      const chances = [...outputs.at(-1).data], best = chances.indexOf(Math.max(...chances));
      bars.set(chances);
      place.dataset.answer = best;
      if (done) answer.textContent = `신경망의 답: ${best} (확률 ${Math.round(100 * chances[best])} %)`;
      if (inside.open)
        shown.forEach(({ layer, i }, k) => {
          const [height, width, depth] = outputs[i].shape;
          captions[k].textContent = `${layer.kind}: ${height}×${width} 특성 맵 ${depth}장`;
          dlko.paintMaps(sheets[k], outputs[i], 16);
        });
    }
    function drawn(done) {
      given = null;
      show(placeLikeMnist(pad.ink(), 256), done);
      if (done) dlko.address.set("draw", pad.strokes.length ? dlko.packStrokes(pad.strokes) : "");
    }
    function test(number) {
      pad.strokes = [];
      given = examples.slice(784 * number, 784 * (number + 1));
      show(given, true);
    }
    const pad = dlko.pad("숫자를 쓰는 판.", drawn);
    inside.addEventListener("toggle", () => show(given || placeLikeMnist(pad.ink(), 256), true));

    place.replaceChildren(
      el("div", { class: "dlko-demo-row" },
        el("div", {}, el("p", { class: "dlko-demo-title" }, "여기에 숫자를 쓰세요"), pad.node,
          el("p", { class: "dlko-demo-buttons" }, button("지우기", () => { pad.strokes = []; pad.node.focus(); }))),
        el("div", {}, el("p", { class: "dlko-demo-title" }, "신경망이 보는 것"), seen),
        el("div", { class: "dlko-grow" }, answer, bars.node)),
      el("div", { class: "dlko-demo-buttons" }, el("span", {}, "테스트 사진:"),
        ...Array.from({ length: examples.length / 784 }, (_, i) => button(`${i + 1}`, () => test(i), { "aria-label": `테스트 사진 ${i + 1}` })),
        el("span", {}, "숫자가 아닌 것:"),
        ...Object.entries(OTHERS).map(([name, strokes]) => button(name, () => { pad.strokes = strokes.map((s) => s.map((p) => [...p])); }))),
      el("p", { class: "dlko-demo-note" }, "숫자가 아닌 것에도 답은 숫자 열 개 가운데 하나입니다. ‘모른다’는 답을 배운 적이 없기 때문입니다. 그린 것은 이 쪽의 주소에 담기므로, 주소를 보내면 같은 그림이 열립니다."),
      inside);

    const sent = dlko.unpackStrokes(dlko.address.get("draw"));
    if (sent.length) pad.strokes = sent;
    else test(0);
  };
})();
