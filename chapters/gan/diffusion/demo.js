/* 잡음에서 옷으로: 방금 훈련한 두 신경망으로 잡음을 걷어 냅니다. 막대를 밀면 스텝을 앞뒤로 오갑니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const WAVES = 8; // 본문의 join과 같은 물결의 수

  /* 넘겨받은 것 → 스텝마다의 자리와 끝의 짐작. 본문의 sample과 같습니다. */
  function walker(spec) {
    const net = dlko.net(spec), painter = dlko.net(spec.painter), kinds = spec.names.length;
    const size = spec.shape[0] - 2 * WAVES - kinds;
    const turn = (t) => (spec.end * t) / spec.T;
    function ask(x, t, kind) {
      const data = new Float32Array(spec.shape[0]);
      data.set(x);
      for (let k = 1; k <= WAVES; k++) {
        data[size + k - 1] = Math.cos(k * turn(t));
        data[size + WAVES + k - 1] = Math.sin(k * turn(t));
      }
      if (kind >= 0) data[size + 2 * WAVES + kind] = 1;
      const fixed = net.run({ shape: spec.shape, data }).at(-1).data, c = Math.cos(turn(t)), s = Math.sin(turn(t));
      return fixed.map((value, i) => s * x[i] + c * value);
    }
    /* kind는 클래스의 번호이고 −1이면 '모름'입니다. */
    function walk(noise, kind, steps, guidance) {
      const hop = spec.T / steps, path = [];
      let x = Float32Array.from(noise);
      for (let t = spec.T; t > 0; t -= hop) {
        let eps = ask(x, t, kind);
        if (guidance !== 1 && kind >= 0) {
          const free = ask(x, t, -1);
          eps = eps.map((value, i) => free[i] + guidance * (value - free[i]));
        }
        const [c, s, nextC, nextS] = [Math.cos(turn(t)), Math.sin(turn(t)), Math.cos(turn(t - hop)), Math.sin(turn(t - hop))];
        const end = x.map((value, i) => (value - s * eps[i]) / c);
        path.push({ t, x, end });
        x = end.map((value, i) => nextC * value + nextS * eps[i]);
      }
      path.push({ t: 0, x, end: x });
      return path;
    }
    const paint = (code) => painter.run({ shape: [size], data: Float32Array.from(code) }).at(-1).data;
    return { walk, paint, size };
  }
  dlko.diffusion = { walker };

  dlko.demos["gan/diffusion"] = function (place) {
    const { el, button } = dlko, spec = dlko.given["gan/diffusion"], { walk, paint, size } = walker(spec);
    const STEPS = [5, 10, 20, 50], READY = { seed: 1, kind: 9, guidance: 2, steps: 20, at: 12 }, SHOWN = 10;
    let state = { ...READY }, path = [], playing = 0;

    const now = el("canvas", { class: "dlko-view dlko-clothes", role: "img", "aria-label": "지금 있는 곳을 그린 것" });
    const end = el("canvas", { class: "dlko-view dlko-clothes", role: "img", "aria-label": "여기서 짐작한 끝" });
    const strip = el("canvas", { class: "dlko-maps", width: SHOWN * 28, height: 28, role: "img", "aria-label": "짐작한 끝을 차례로 늘어놓은 열 칸. 왼쪽이 처음, 오른쪽이 마지막입니다." });
    const words = el("p", { class: "dlko-answer", role: "status" });
    const slider = el("input", { type: "range", min: "0", step: "1", "aria-label": "지금 스텝", input: () => { stop(); state.at = Number(slider.value); show(); } });
    const pick = (label, options, change) => el("select", { "aria-label": label, change }, ...options.map(([value, text]) => el("option", { value }, text)));
    const kind = pick("클래스", [[-1, "맡김"], ...spec.names.map((name, i) => [i, name])], () => { state.kind = Number(kind.value); renew(); });
    const steps = pick("스텝의 수", STEPS.map((count) => [count, String(count)]), () => {
      state.at = Math.round((state.at * Number(steps.value)) / state.steps);
      state.steps = Number(steps.value);
      renew();
    });
    const guidance = el("input", { type: "range", min: "0", max: "6", step: "0.5", "aria-label": "가이던스", input: () => { state.guidance = Number(guidance.value); renew(); } });
    const strength = el("span", {});

    function noise() {
      const next = dlko.random(state.seed);
      return Array.from({ length: size }, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()));
    }
    function renew() {
      path = walk(noise(), state.kind, state.steps, state.guidance);
      const context = strip.getContext("2d"), tile = el("canvas");
      for (let k = 0; k < SHOWN; k++) {
        dlko.paint(tile, paint(path[Math.round((k * state.steps) / (SHOWN - 1))].end), 28, 28);
        context.drawImage(tile, 28 * k, 0);
      }
      kind.value = state.kind;
      steps.value = state.steps;
      guidance.value = state.guidance;
      guidance.disabled = state.kind < 0;
      strength.textContent = state.guidance.toFixed(1);
      slider.max = state.steps;
      show();
    }
    function show() {
      const { t, x, end: guess } = path[state.at];
      slider.value = state.at;
      dlko.paint(now, paint(x), 28, 28);
      dlko.paint(end, paint(guess), 28, 28);
      const share = Math.round(100 * Math.sin((spec.end * t) / spec.T));
      words.textContent = `${state.steps}스텝 가운데 ${state.at}스텝. 잡음의 몫 ${share} %`;
      place.dataset.at = state.at;
      place.dataset.code = Array.from(path.at(-1).x, (value) => value.toFixed(4)).join(" ");
      const { seed, at } = state;
      dlko.address.set("walk", [seed, state.kind, 2 * state.guidance, state.steps, at].join("_"));
    }
    function stop() { clearInterval(playing); playing = 0; }
    function play() {
      if (playing) return stop();
      if (state.at === state.steps) state.at = 0;
      playing = setInterval(() => {
        if (state.at < state.steps) { state.at += 1; show(); }
        if (state.at === state.steps || !place.isConnected) stop();
      }, 2400 / state.steps);
    }

    place.replaceChildren(
      el("div", { class: "dlko-demo-row" },
        el("div", {}, el("p", { class: "dlko-demo-title" }, "지금 있는 곳"), now),
        el("div", {}, el("p", { class: "dlko-demo-title" }, "여기서 짐작한 끝"), end),
        el("div", { class: "dlko-grow" },
          el("p", {}, el("label", {}, "클래스 ", kind), " ", el("label", {}, "스텝의 수 ", steps)),
          el("label", { class: "dlko-slider" }, "가이던스", guidance, strength),
          words,
          el("div", { class: "dlko-demo-buttons" },
            button("새 잡음", () => { stop(); state.seed = (state.seed % 9999) + 1; renew(); }),
            button("재생과 멈춤", play),
            button("처음으로", () => { stop(); state = { ...READY }; renew(); })))),
      el("label", { class: "dlko-slider" }, "스텝", slider),
      strip,
      el("p", { class: "dlko-demo-note" }, "위의 띠는 처음 스텝부터 마지막 스텝까지 짐작한 끝을 열 칸에 차례로 늘어놓은 것입니다. 처음의 짐작은 여러 옷의 평균이라 흐릿합니다. 클래스를 ‘맡김’으로 두면 주문 없이 만들고, 가이던스는 클래스를 골랐을 때만 씁니다."));

    const sent = dlko.address.get("walk").split("_").map(Number), [seed, which, doubled, count, at] = sent;
    const whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
    if (sent.length === 5 && STEPS.includes(count) && whole(seed, 1, 9999) && whole(which, -1, spec.names.length - 1) && whole(doubled, 0, 12) && whole(at, 0, count))
      state = { seed, kind: which, guidance: doubled / 2, steps: count, at };
    renew();
  };
})();
