/* 두 시연. 첫째는 수직선 위의 GAN을 그 자리에서 훈련하고(진짜 점은 본문의 draw_points와 같은 분포입니다),
 * 둘째는 본문이 훈련한 생성자로 잡음 하나에서 다른 잡음까지 걷습니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const HIDDEN = 24, BATCH = 128, RATE = 0.004, SHOWN = 1000, LOW = -4, HIGH = 4;
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  function random(seed) {
    const next = dlko.random(seed);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return { next, normal, real: () => (next() < 0.6 ? -1.5 + 0.6 * normal() : 1.5 + 0.4 * normal()) };
  }

  /* 수 하나 → tanh 은닉 뉴런 → 수 하나. 파라미터는 한 줄에 이어 둡니다: 가중치, 편향, 나가는 가중치, 편향. Adam으로 고칩니다. */
  function network(dice) {
    const size = 3 * HIDDEN + 1, p = new Float64Array(size), m = new Float64Array(size), q = new Float64Array(size);
    for (let k = 0; k < HIDDEN; k++) {
      p[k] = 1.5 * dice.normal();
      p[HIDDEN + k] = 1.5 * dice.normal();
      p[2 * HIDDEN + k] = dice.normal() / Math.sqrt(HIDDEN);
    }
    let time = 0;
    const run = (x) => {
      let y = p[size - 1];
      for (let k = 0; k < HIDDEN; k++) y += p[2 * HIDDEN + k] * Math.tanh(p[k] * x + p[HIDDEN + k]);
      return y;
    };
    /* 출력의 기울기 slope를 거꾸로: 파라미터의 기울기를 모으고 입력의 기울기를 돌려줍니다 */
    const back = (x, slope, grad) => {
      let byInput = 0;
      for (let k = 0; k < HIDDEN; k++) {
        const h = Math.tanh(p[k] * x + p[HIDDEN + k]), inner = slope * p[2 * HIDDEN + k] * (1 - h * h);
        byInput += inner * p[k];
        if (!grad) continue;
        grad[k] += inner * x;
        grad[HIDDEN + k] += inner;
        grad[2 * HIDDEN + k] += slope * h;
      }
      if (grad) grad[size - 1] += slope;
      return byInput;
    };
    const update = (grad) => {
      time += 1;
      for (let k = 0; k < size; k++) {
        m[k] = 0.5 * m[k] + 0.5 * grad[k];
        q[k] = 0.999 * q[k] + 0.001 * grad[k] ** 2;
        p[k] -= (RATE * (m[k] / (1 - 0.5 ** time))) / (Math.sqrt(q[k] / (1 - 0.999 ** time)) + 1e-8);
      }
    };
    return { run, back, update, size };
  }

  /* 판별자 한 번, 생성자 한 번 */
  dlko.lineGan = function (seed, saturating) {
    const dice = random(seed), G = network(dice), D = network(dice);
    const noise = Array.from({ length: SHOWN }, dice.normal), truth = Array.from({ length: SHOWN }, dice.real).sort((a, b) => a - b);
    const towards = (x) => { const p = sigmoid(D.run(x)); return saturating ? -p : p - 1; }; // 생성자의 손실을 로짓으로 미분한 값
    return {
      steps: 0, judge: (x) => sigmoid(D.run(x)), fakes: () => noise.map(G.run),
      slope: (x) => -D.back(x, towards(x), null),
      step() {
        const forD = new Float64Array(D.size), forG = new Float64Array(G.size);
        for (let i = 0; i < BATCH; i++) {
          const x = dice.real(), fake = G.run(dice.normal());
          D.back(x, (sigmoid(D.run(x)) - 1) / BATCH, forD);
          D.back(fake, sigmoid(D.run(fake)) / BATCH, forD);
        }
        D.update(forD);
        for (let i = 0; i < BATCH; i++) {
          const z = dice.normal(), fake = G.run(z);
          G.back(z, D.back(fake, towards(fake) / BATCH, null), forG);
        }
        G.update(forG);
        this.steps += 1;
      },
      /* 차례로 세운 진짜와 가짜의 평균 차이(1차원 바서슈타인 거리) */
      distance: () => noise.map(G.run).sort((a, b) => a - b).reduce((sum, x, i) => sum + Math.abs(x - truth[i]), 0) / SHOWN,
    };
  };

  dlko.demos["gan/first_gan"] = function (place) {
    const { el, button } = dlko, WIDTH = 560, HEIGHT = 250, FLOOR = 200;
    const LOSSES = { "비포화 손실": false, "포화하는 손실": true };
    let seed = 1, loss = "비포화 손실", gan = null, running = 0;
    const canvas = el("canvas", { class: "dlko-line", width: WIDTH, height: HEIGHT, role: "img", "aria-label": "진짜 점의 밀도, 가짜 점의 막대, 판별자의 답" });
    const context = canvas.getContext("2d"), words = el("p", { class: "dlko-answer", role: "status" });
    const losses = el("select", { change: () => { loss = losses.value; reset(); } }, ...Object.keys(LOSSES).map((one) => el("option", {}, one)));
    const toX = (x) => ((x - LOW) / (HIGH - LOW)) * WIDTH, fromX = (px) => LOW + (px / WIDTH) * (HIGH - LOW);
    const bell = (x, middle, width) => Math.exp(-(((x - middle) / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI));
    const density = (x) => 0.6 * bell(x, -1.5, 0.6) + 0.4 * bell(x, 1.5, 0.4);

    function show() {
      const fakes = gan.fakes(), bins = 64, counts = new Array(bins).fill(0), top = 0.7;
      for (const x of fakes) if (x > LOW && x < HIGH) counts[Math.floor(((x - LOW) / (HIGH - LOW)) * bins)] += 1;
      context.fillStyle = "#f3f5f7";
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.fillStyle = "#e69f00";
      counts.forEach((count, i) => {
        const height = Math.min(FLOOR, ((count / SHOWN / ((HIGH - LOW) / bins)) / top) * FLOOR * 0.9);
        context.fillRect((i * WIDTH) / bins, FLOOR - height, WIDTH / bins - 1, height);
      });
      const curve = (f, color, dash) => {
        context.strokeStyle = color;
        context.lineWidth = 2.5;
        context.setLineDash(dash);
        context.beginPath();
        for (let px = 0; px <= WIDTH; px += 4) context.lineTo(px, FLOOR - f(fromX(px)) * FLOOR * 0.9);
        context.stroke();
        context.setLineDash([]);
      };
      curve((x) => density(x) / top, "#0072b2", []);
      curve(gan.judge, "#000000", [7, 5]);
      context.strokeStyle = context.fillStyle = "#b04a00";
      context.lineWidth = 2;
      for (const x of fakes.slice(0, 40)) { // 가짜 점이 밀리는 방향
        const length = Math.max(-30, Math.min(30, 25 * gan.slope(x))), from = toX(x), y = FLOOR + 14 + 28 * Math.abs(Math.sin(from));
        context.beginPath();
        context.moveTo(from, y);
        context.lineTo(from + length, y);
        context.stroke();
        context.fillRect(from + length - 2, y - 2, 4, 4);
      }
      const distance = gan.distance(), fooled = fakes.reduce((sum, x) => sum + gan.judge(x), 0) / SHOWN;
      words.textContent = `${gan.steps}스텝. 진짜와 가짜의 바서슈타인 거리 ${distance.toFixed(2)}, 가짜를 보고 판별자가 답한 평균 ${fooled.toFixed(2)}`;
      place.dataset.steps = gan.steps;
      place.dataset.distance = distance;
      dlko.address.set("line", [seed, LOSSES[loss] ? 1 : 0].join("_"));
    }
    function stop() { cancelAnimationFrame(running); running = 0; toggle.textContent = "달리기"; }
    function reset() { stop(); gan = dlko.lineGan(seed, LOSSES[loss]); show(); }
    function more(count) { stop(); for (let i = 0; i < count; i++) gan.step(); show(); }
    const toggle = button("달리기", () => {
      if (running) return stop();
      toggle.textContent = "멈추기";
      const frame = () => { for (let i = 0; i < 5; i++) gan.step(); show(); running = requestAnimationFrame(frame); };
      running = requestAnimationFrame(frame);
    });
    place.replaceChildren(
      canvas, words,
      el("div", { class: "dlko-demo-buttons" }, button("한 스텝", () => more(1)), button("500스텝", () => more(500)), toggle,
        el("label", {}, "생성자의 손실: ", losses), button("다른 출발점", () => { seed = (seed % 99) + 1; reset(); }),
        button("처음으로", () => { seed = 1; loss = losses.value = "비포화 손실"; reset(); })),
      el("p", { class: "dlko-demo-note" }, "파란 선은 진짜 점의 밀도, 주황 막대는 생성자가 만든 점, 검은 점선은 판별자의 답(막대의 바닥이 0, 위쪽이 1)입니다. 아래의 짧은 선은 판별자의 기울기를 따라 가짜 점이 밀리는 방향(작은 네모가 있는 쪽)과 세기입니다. 판별자가 가짜를 확실히 알아보아 답이 0에 붙으면, 포화하는 손실에서는 이 선이 짧아지고 비포화 손실에서는 대개 남습니다."));
    const sent = dlko.address.get("line").split("_").map(Number);
    if (sent.length === 2 && sent[0] > 0 && sent[0] < 100) { seed = Math.floor(sent[0]); loss = losses.value = Object.keys(LOSSES)[sent[1] ? 1 : 0]; }
    reset();
  };

  const lengthOf = (z) => Math.hypot(...z);
  /* 두 잡음을 잇는 길의 t(0..1)인 자리. keep이면 그 자리의 길이가 두 길이 사이에 있도록 늘입니다. */
  dlko.between = function (from, to, t, keep) {
    const z = from.map((x, i) => (1 - t) * x + t * to[i]);
    const stretch = keep ? ((1 - t) * lengthOf(from) + t * lengthOf(to)) / (lengthOf(z) || 1) : 1;
    return z.map((x) => x * stretch);
  };

  dlko.demos["gan/first_gan/2"] = function (place) {
    const { el, button } = dlko, FRAMES = 8, UNIT = 56, WAYS = ["곧은 길", "길이를 지키는 길"];
    const spec = dlko.given["gan/first_gan"], net = dlko.net(spec), size = spec.shape[0];
    const kept = dlko.unpack(spec.examples), count = kept.length / size;
    // 앞의 몇 개는 본문의 잡음이고, 그다음은 번호를 씨앗으로 뽑습니다
    const noise = (number) => (number < count ? kept.slice(size * number, size * (number + 1)) : Float32Array.from({ length: size }, random(number).normal));
    const draw = (z) => net.run({ shape: [size], data: z }).at(-1).data;
    const difference = (a, b) => a.reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0) / a.length;
    // 처음에는 본문의 첫 잡음에서, 그것과 그림이 가장 다른 잡음까지
    const apart = Array.from({ length: count }, (_, i) => difference(draw(noise(0)), draw(noise(i))));
    const FIRST = [0, apart.indexOf(Math.max(...apart)), 50, 0];
    let [from, to, percent, way] = FIRST, ends, frames, running = 0;

    const picture = el("canvas", { class: "dlko-view dlko-clothes", role: "img", "aria-label": "지금 자리에서 생성자가 그린 사진" });
    const film = el("canvas", { class: "dlko-film", width: FRAMES * UNIT, height: UNIT + 8, role: "img", "aria-label": `출발에서 도착까지 고르게 놓은 사진 ${FRAMES}장` });
    const words = el("p", { class: "dlko-answer", role: "status" }), sheet = el("canvas");
    const slider = el("input", { type: "range", min: "0", max: "100", step: "1", "aria-label": "출발에서 도착까지의 자리", input: () => go(Number(slider.value)) });
    const ways = el("select", { change: () => { way = ways.selectedIndex; renew(true); } }, ...WAYS.map((one) => el("option", {}, one)));
    const at = (t) => dlko.between(ends[0], ends[1], t, way === 1);

    function renew(save) {
      ends = [noise(from), noise(to)];
      frames = Array.from({ length: FRAMES }, (_, i) => draw(at(i / (FRAMES - 1))));
      ways.selectedIndex = way;
      show(save);
    }
    function show(save) {
      const z = at(percent / 100), made = draw(z), context = film.getContext("2d");
      dlko.paint(picture, made, 28, 28);
      context.clearRect(0, 0, film.width, film.height);
      context.imageSmoothingEnabled = false;
      frames.forEach((one, i) => {
        dlko.paint(sheet, one, 28, 28);
        context.drawImage(sheet, i * UNIT, 0, UNIT, UNIT);
      });
      context.fillStyle = "#e69f00"; // 지금 자리
      context.fillRect((0.5 + (percent / 100) * (FRAMES - 1)) * UNIT - 4, UNIT, 8, 8);
      slider.value = percent;
      words.textContent = `출발에서 ${percent} %. 픽셀의 차이는 출발과 ${difference(made, frames[0]).toFixed(2)}, 도착과 ${difference(made, frames.at(-1)).toFixed(2)}. z의 길이 ${lengthOf(z).toFixed(1)}`;
      slider.setAttribute("aria-valuetext", `출발에서 ${percent} %`);
      words.setAttribute("aria-live", running ? "off" : "polite"); // 걷는 동안 줄곧 읽지 않게
      place.dataset.percent = percent;
      place.dataset.length = lengthOf(z);
      if (save) dlko.address.set("walk", [from, to, percent, way].join("_"));
    }
    function stop() { cancelAnimationFrame(running); running = 0; walk.textContent = "걷기"; }
    function go(next) { stop(); percent = Math.round(Math.min(100, Math.max(0, next))); show(true); }
    const walk = button("걷기", () => {
      if (running) { stop(); show(true); return; }
      // 움직임을 줄인 기기에서는 누를 때마다 한 장씩
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) { go(percent === 100 ? 0 : percent + 100 / (FRAMES - 1)); return; }
      walk.textContent = "멈추기";
      const begun = performance.now() - (percent / 100) * 4000; // 4초에 끝까지, 그다음은 되돌아옵니다
      const frame = (now) => {
        const part = ((now - begun) / 4000) % 2;
        percent = Math.round(100 * (part > 1 ? 2 - part : Math.max(0, part)));
        show(false);
        running = requestAnimationFrame(frame);
      };
      running = requestAnimationFrame(frame);
    });
    const other = (now, taken) => { const next = (now + 1) % 100; return next === taken ? (next + 1) % 100 : next; };
    let dragging = false;
    const follow = (event) => {
      const box = film.getBoundingClientRect();
      go((100 * (((event.clientX - box.left) / box.width) * FRAMES - 0.5)) / (FRAMES - 1));
    };
    film.addEventListener("pointerdown", (event) => {
      dragging = true;
      try { film.setPointerCapture(event.pointerId); } catch { /* 흉내 낸 사건 */ }
      follow(event);
    });
    film.addEventListener("pointermove", (event) => { if (dragging) follow(event); });
    for (const end of ["pointerup", "pointercancel"]) film.addEventListener(end, () => { dragging = false; });

    place.replaceChildren(
      el("div", { class: "dlko-demo-row" },
        el("div", {}, el("p", { class: "dlko-demo-title" }, "지금 자리의 사진"), picture),
        el("div", { class: "dlko-grow" }, el("p", { class: "dlko-demo-title" }, "출발 → 도착"), film,
          el("p", { class: "dlko-slider" }, slider), words)),
      el("div", { class: "dlko-demo-buttons" }, walk, button("다른 출발", () => { stop(); from = other(from, to); renew(true); }),
        button("다른 도착", () => { stop(); to = other(to, from); renew(true); }), el("label", {}, "길: ", ways),
        button("처음으로", () => { stop(); [from, to, percent, way] = FIRST; renew(false); dlko.address.set("walk", ""); })),
      el("p", { class: "dlko-demo-note" }, `필름을 끌거나 막대를 옮겨 보세요. 잡음 ${size}개를 뽑은 z의 길이(제곱해 더한 값의 제곱근)는 대개 5.6 근처입니다. 곧은 길의 한가운데에서는 z가 그보다 짧아져, 훈련에서 드물게 만난 자리를 지납니다. 길이를 지키는 길과 견주어 보세요.`));
    const sent = dlko.address.get("walk").split("_").map(Number);
    const fits = (value, top) => Number.isInteger(value) && value >= 0 && value <= top;
    if (sent.length === 4 && [99, 99, 100, 1].every((top, i) => fits(sent[i], top))) [from, to, percent, way] = sent;
    renew(false);
  };
})();
