/* 숫자를 써 보기: 쓴 것을 MNIST처럼 손질해 방금 훈련한 신경망에 넣고, 답의 점수를 올린 곳을 겹쳐 보입니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const NAMES = [..."0123456789"];
  // 숫자가 아닌 것. 획은 그림판의 점들입니다.
  const OTHERS = {
    하트: [[[128, 90], [110, 60], [80, 55], [60, 75], [60, 105], [85, 145], [128, 195], [171, 145], [196, 105], [196, 75], [176, 55], [146, 60], [128, 90]]],
    가: [[[50, 70], [125, 70], [120, 110], [95, 155], [55, 190]], [[170, 45], [170, 215]], [[170, 125], [210, 125]]],
    세모: [[[128, 50], [55, 200], [201, 200], [128, 50]]],
  };

  /* 획이 든 네모. 획이 없으면 null */
  function findBox(ink, size) {
    let top = size, bottom = -1, left = size, right = -1;
    for (let i = 0; i < ink.length; i++)
      if (ink[i] > 0) {
        const y = Math.floor(i / size), x = i % size;
        top = Math.min(top, y); bottom = Math.max(bottom, y);
        left = Math.min(left, x); right = Math.max(right, x);
      }
    return bottom < 0 ? null : { top, left, tall: bottom - top + 1, wide: right - left + 1 };
  }
  const cut = (ink, size, { top, left, tall, wide }) =>
    Float32Array.from({ length: tall * wide }, (_, i) => ink[(top + Math.floor(i / wide)) * size + left + (i % wide)]);

  /* Pillow의 BILINEAR처럼 한 줄의 길이를 바꿉니다: 나오는 칸마다 첫 자리와 그때부터의 몫 */
  function shares(from, to) {
    const scale = from / to, reach = Math.max(scale, 1);
    return Array.from({ length: to }, (_, i) => {
      const center = (i + 0.5) * scale, first = Math.max(0, Math.floor(center - reach + 0.5));
      const count = Math.min(from, Math.floor(center + reach + 0.5)) - first;
      const parts = Array.from({ length: count }, (_, k) => Math.max(0, 1 - Math.abs(first + k - center + 0.5) / reach));
      const sum = parts.reduce((a, b) => a + b, 0);
      return [first, parts.map((part) => part / sum)];
    });
  }
  function resize(values, tall, wide, height, width) {
    const across = shares(wide, width), down = shares(tall, height), narrow = new Float32Array(tall * width);
    for (let y = 0; y < tall; y++)
      across.forEach(([first, parts], x) => { narrow[y * width + x] = parts.reduce((sum, part, k) => sum + part * values[y * wide + first + k], 0); });
    const out = new Float32Array(height * width);
    down.forEach(([first, parts], y) => {
      for (let x = 0; x < width; x++) out[y * width + x] = parts.reduce((sum, part, k) => sum + part * narrow[(first + k) * width + x], 0);
    });
    return out;
  }
  const largest = (values) => values.reduce((a, b) => Math.max(a, b), 0);
  /* 무게 중심의 [줄, 칸] */
  function centerOf(values, width) {
    let mass = 0, down = 0, across = 0;
    values.forEach((value, i) => { mass += value; down += value * Math.floor(i / width); across += value * (i % width); });
    return [down / mass, across / mass];
  }
  /* 파이썬의 round: 한가운데면 짝수로 */
  function round(x) {
    const near = Math.round(x);
    return near - x === 0.5 && near % 2 ? near - 1 : near;
  }

  /* 획이 든 네모를 잘라 긴 변을 20으로 줄이고, 무게 중심을 28×28의 한가운데에 놓습니다. 본문의 place_like_mnist와 같습니다. */
  function placeLikeMnist(ink, size) {
    const box = findBox(ink, size);
    if (!box) return null;
    const scale = 20 / Math.max(box.tall, box.wide);
    const height = Math.max(1, round(scale * box.tall)), width = Math.max(1, round(scale * box.wide));
    let small = resize(cut(ink, size, box), box.tall, box.wide, height, width);
    const high = largest(small);
    small = small.map((value) => value / high);
    const center = centerOf(small, width), start = center.map((c) => round(14 - c)), pixels = new Float32Array(28 * 28);
    small.forEach((value, i) => {
      const row = start[0] + Math.floor(i / width), column = start[1] + (i % width);
      if (row >= 0 && row < 28 && column >= 0 && column < 28) pixels[row * 28 + column] = value;
    });
    return { ink, size, box, small, height, width, center, start, pixels };
  }
  /* 테스트 사진은 이미 손질되어 있습니다. 같은 네모와 무게 중심을 찾기만 합니다. */
  function alreadyPlaced(pixels) {
    const box = findBox(pixels, 28), small = cut(pixels, 28, box);
    return { ink: pixels, size: 28, box, small, height: box.tall, width: box.wide, center: centerOf(small, box.wide), start: [box.top, box.left], pixels, ready: true };
  }

  /* 숫자 digit의 로짓을 올린 곳. 본문의 class_map과 같고, average이면 Grad-CAM, 아니면 HiResCAM입니다. */
  function classMap(net, outputs, digit, average) {
    const conv = net.layers.findLastIndex(({ kind }) => kind === "Conv2D"), scores = net.layers.findIndex(({ name }) => name === "scores");
    const { shape: [height, width, depth], data } = outputs[conv], cells = height * width;
    const slope = net.slope(outputs, conv, scores, digit);
    if (average)
      for (let d = 0; d < depth; d++) {
        let mean = 0;
        for (let i = 0; i < cells; i++) mean += slope[i * depth + d] / cells;
        for (let i = 0; i < cells; i++) slope[i * depth + d] = mean;
      }
    const heat = Array.from({ length: cells }, (_, i) => {
      let sum = 0;
      for (let d = i * depth; d < (i + 1) * depth; d++) sum += slope[d] * data[d];
      return Math.max(0, sum);
    });
    return { height, width, heat };
  }
  dlko.digits = { placeLikeMnist, classMap };

  const SIDE = 168; // 손질하는 그림의 한 변
  const INFERNO = [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]];
  function color(part) {
    const at = Math.min(3, Math.floor(4 * part)), rest = 4 * part - at;
    return INFERNO[at].map((low, i) => low + rest * (INFERNO[at + 1][i] - low));
  }
  /* 지도를 사진의 가운데 16×16에 부드럽게 늘여 겹칩니다 */
  function paintHeat(canvas, pixels, { height, width, heat }) {
    const context = canvas.getContext("2d"), picture = context.createImageData(SIDE, SIDE), high = largest(heat);
    const spot = (at, count) => { // 이웃한 두 칸과 그 사이
      const place = Math.min(count - 1, Math.max(0, ((at - 6) / 16) * count - 0.5)), first = Math.min(count - 2, Math.floor(place));
      return [first, place - first];
    };
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const row = ((y + 0.5) * 28) / SIDE, column = ((x + 0.5) * 28) / SIDE;
        const gray = 255 * pixels[Math.floor(row) * 28 + Math.floor(column)];
        let shown = [gray, gray, gray];
        if (high && Math.min(row, column) > 6 && Math.max(row, column) < 22) {
          const [r, down] = spot(row, height), [c, right] = spot(column, width);
          const line = (k) => (1 - right) * heat[k * width + c] + right * heat[k * width + c + 1];
          shown = color(((1 - down) * line(r) + down * line(r + 1)) / high).map((part) => 0.4 * gray + 0.6 * part);
        }
        picture.data.set([...shown, 255], 4 * (y * SIDE + x));
      }
    context.putImageData(picture, 0, 0);
  }

  dlko.demos["cnn/digits"] = function (place) {
    const { el, button } = dlko, MAPS = { Grad: "Grad-CAM", HiRes: "HiResCAM" };
    const spec = dlko.given["cnn/digits"];
    const net = dlko.net(spec), examples = dlko.unpack(spec.examples);
    const bars = dlko.bars(NAMES, "숫자마다의 확률");
    const answer = el("p", { class: "dlko-answer", role: "status" });
    const steps = ["① 네모 찾기", "② 20×20에 맞추기", "③ 무게 중심을 가운데로", "④ 점수를 올린 곳"].map((name) => {
      const canvas = el("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": name }), text = el("span");
      return { name, canvas, text, node: el("li", {}, canvas, el("strong", {}, name), text) };
    });
    const maps = el("select", { "aria-label": "점수를 올린 곳을 찾는 방법", change: () => { dlko.address.set("map", maps.value === "Grad" ? "" : maps.value); show(true); } },
      ...Object.entries(MAPS).map(([value, name]) => el("option", { value }, name)));
    steps[3].text.append(maps);
    const shown = net.layers.map((layer, i) => ({ layer, i })).filter(({ layer }) => layer.kind === "Conv2D" || layer.kind === "MaxPooling2D");
    const sheets = shown.map(({ layer }) => el("canvas", { class: "dlko-maps", role: "img", "aria-label": `${layer.kind} ${layer.name}의 특성 맵` }));
    const captions = shown.map(() => el("figcaption"));
    const inside = el("details", { class: "dlko-inside" }, el("summary", {}, "층을 지나는 모습 보기"),
      ...shown.map((_, k) => el("figure", {}, captions[k], sheets[k])));
    const sheet = el("canvas");
    let made = null; // 손질한 것. 빈 칸이면 null

    /* 사진을 unit배로 늘여 (x, y)에 놓습니다 */
    function put(canvas, values, height, width, unit, x = 0, y = 0) {
      const context = canvas.getContext("2d");
      context.fillStyle = "#000";
      context.fillRect(0, 0, SIDE, SIDE);
      dlko.paint(sheet, values, height, width);
      context.imageSmoothingEnabled = unit < 1;
      context.drawImage(sheet, x, y, width * unit, height * unit);
      context.lineWidth = 2;
      return context;
    }
    function dot(context, x, y) {
      context.fillStyle = "#e69f00";
      context.strokeStyle = "#000";
      context.beginPath();
      context.arc(x, y, 5, 0, 7);
      context.fill();
      context.stroke();
    }
    function describe(k, text) {
      if (k < 3) steps[k].text.textContent = text;
      steps[k].canvas.setAttribute("aria-label", `${steps[k].name}: ${text}`);
    }
    function showSteps() {
      const { ink, size, box, small, height, width, center, start, pixels, ready } = made;
      const [first, second, third] = steps.map(({ canvas }) => canvas);
      let unit = SIDE / size, context = put(first, ink, size, size, unit);
      context.strokeStyle = "#e69f00";
      context.strokeRect(box.left * unit, box.top * unit, box.wide * unit, box.tall * unit);
      describe(0, `가로 ${box.wide}, 세로 ${box.tall}`);
      unit = SIDE / Math.max(20, height, width);
      const x = (SIDE - width * unit) / 2, y = (SIDE - height * unit) / 2;
      context = put(second, small, height, width, unit, x, y);
      dot(context, x + (center[1] + 0.5) * unit, y + (center[0] + 0.5) * unit);
      describe(1, `가로 ${width}, 세로 ${height}`);
      unit = SIDE / 28;
      context = put(third, pixels, 28, 28, unit);
      context.strokeStyle = "#56b4e9";
      context.strokeRect(14.5 * unit, -9, SIDE, SIDE + 18); // 한가운데를 지나는 두 선
      context.strokeRect(-9, 14.5 * unit, SIDE + 18, SIDE);
      dot(context, (start[1] + center[1] + 0.5) * unit, (start[0] + center[0] + 0.5) * unit);
      describe(2, ready ? "이미 손질된 사진" : "신경망이 보는 것");
    }
    function show(done) {
      if (!made) {
        bars.clear();
        for (const { canvas } of steps) canvas.getContext("2d").clearRect(0, 0, SIDE, SIDE);
        steps.forEach((_, k) => describe(k, "빈 칸"));
        answer.textContent = "아직 아무것도 없습니다. 빈 칸에는 답하지 않습니다. 숫자를 하나 써 보세요.";
        return;
      }
      const outputs = net.run({ shape: [28, 28, 1], data: made.pixels });
      const chances = [...outputs.at(-1).data], best = chances.indexOf(Math.max(...chances));
      bars.set(chances);
      place.dataset.answer = best;
      if (done) answer.textContent = `신경망의 답: ${best} (확률 ${Math.round(100 * chances[best])} %)`;
      showSteps();
      const map = classMap(net, outputs, best, maps.value === "Grad"), peak = map.heat.indexOf(largest(map.heat));
      paintHeat(steps[3].canvas, made.pixels, map);
      place.dataset.heat = map.heat.map((value) => value.toFixed(3)).join(" ");
      describe(3, largest(map.heat)
        ? `답 ${best}의 점수를 가장 많이 올린 곳은 ${map.height}×${map.width} 지도의 ${Math.floor(peak / map.width) + 1}행 ${(peak % map.width) + 1}열`
        : `답 ${best}의 점수를 올린 곳이 없음`);
      if (inside.open)
        shown.forEach(({ layer, i }, k) => {
          const [height, width, depth] = outputs[i].shape;
          captions[k].textContent = `${layer.kind}: ${height}×${width} 특성 맵 ${depth}장`;
          dlko.paintMaps(sheets[k], outputs[i], 16);
        });
    }
    function drawn(done) {
      made = placeLikeMnist(pad.ink(), 256);
      show(done);
      if (!done) return;
      dlko.address.set("test", "");
      dlko.address.set("draw", pad.strokes.length ? dlko.packStrokes(pad.strokes) : "");
    }
    function test(number, kept = true) {
      pad.strokes = [];
      made = alreadyPlaced(examples.slice(784 * number, 784 * (number + 1)));
      show(true);
      if (kept) dlko.address.set("test", String(number + 1));
    }
    const pad = dlko.pad("숫자를 쓰는 판.", drawn);
    inside.addEventListener("toggle", () => show(true));

    const chapter = place.dataset.script.replace(/_static.*/, "notebooks/cnn/digits.html#어디를-보고-답했나");
    place.replaceChildren(
      el("div", { class: "dlko-demo-row" },
        el("div", {}, el("p", { class: "dlko-demo-title" }, "여기에 숫자를 쓰세요"), pad.node,
          el("p", { class: "dlko-demo-buttons" }, button("지우기", () => { pad.strokes = []; pad.node.focus(); }),
            button("처음으로", () => { maps.value = "Grad"; dlko.address.set("map", ""); test(0, false); }))),
        el("div", { class: "dlko-grow" }, answer, bars.node)),
      el("ol", { class: "dlko-steps", "aria-label": "그린 것을 손질해 신경망에 넣기까지" }, ...steps.map(({ node }) => node)),
      el("div", { class: "dlko-demo-buttons" }, el("span", {}, "테스트 사진:"),
        ...Array.from({ length: examples.length / 784 }, (_, i) => button(`${i + 1}`, () => test(i), { "aria-label": `테스트 사진 ${i + 1}` })),
        el("span", {}, "숫자가 아닌 것:"),
        ...Object.entries(OTHERS).map(([name, strokes]) => button(name, () => { pad.strokes = strokes.map((s) => s.map((p) => [...p])); }))),
      el("p", { class: "dlko-demo-note" }, "점은 획의 무게 중심이고, ③이 신경망이 보는 28×28입니다. ④의 밝은 노란색은 고른 방법이 답한 숫자의 점수를 가장 많이 올렸다고 짚은 곳입니다. 4×4칸을 부드럽게 늘인 그림입니다. 두 방법의 지도가 다르면 어느 쪽을 믿을까요? ",
        el("a", { href: chapter }, "어디를 보고 답했나"), "에서 시험합니다."),
      el("p", { class: "dlko-demo-note" }, "숫자가 아닌 것에도 답은 숫자 열 개 가운데 하나입니다. ‘모른다’는 답을 배운 적이 없기 때문입니다. 그린 것은 이 쪽의 주소에 담기므로, 주소를 보내면 같은 그림이 열립니다."),
      inside);

    if (Object.hasOwn(MAPS, dlko.address.get("map"))) maps.value = dlko.address.get("map");
    const sent = dlko.unpackStrokes(dlko.address.get("draw")), number = Number(dlko.address.get("test"));
    if (sent.length) pad.strokes = sent;
    else if (Number.isInteger(number) && number > 0 && number <= examples.length / 784) test(number - 1);
    else test(0, false);
  };
})();
