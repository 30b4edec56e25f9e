/* 노트북이 넘긴 신경망을 계산합니다. 층의 이름과 뜻은 Keras와 같습니다. Node의 검사도 이 파일을 그대로 읽습니다.
 *
 * 값은 {shape: [높이, 너비, 채널] 또는 [길이], data: Float32Array}이고, 사진 한 장씩 계산합니다.
 */
(function (root) {
  "use strict";
  const dlko = (root.dlko = root.dlko || { given: {}, demos: {} });
  dlko.receive = (name, spec) => { dlko.given[name] = spec; };

  /* 같은 씨앗이면 같은, 0과 1 사이의 난수(mulberry32) */
  dlko.random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  /* base64에 담긴 16비트 실수 → Float32Array */
  dlko.unpack = function (text) {
    const half = new Uint16Array(bytes(text).buffer);
    return Float32Array.from(half, (bits) => {
      const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
      if (exponent === 0) return sign * fraction * 2 ** -24;
      if (exponent === 31) return fraction ? NaN : sign * Infinity;
      return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    });
  };

  const ACTIVATIONS = {
    linear: (x) => x,
    relu: (x) => Math.max(0, x),
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    tanh: Math.tanh,
    elu: (x) => (x > 0 ? x : Math.expm1(x)),
    silu: (x) => x / (1 + Math.exp(-x)),
    selu: (x) => 1.05070098735548 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  };

  function activate(name, tensor) {
    const { shape, data } = tensor;
    if (name !== "softmax") return { shape, data: data.map(ACTIVATIONS[name]) };
    const high = Math.max(...data);
    const powers = data.map((x) => Math.exp(x - high));
    const sum = powers.reduce((a, b) => a + b, 0);
    return { shape, data: powers.map((x) => x / sum) };
  }

  /* 창이 놓이는 자리: 나오는 길이와, 앞에 덧댄 칸의 수 */
  function places(size, window, stride, padding) {
    if (padding === "valid") return [Math.floor((size - window) / stride) + 1, 0];
    const out = Math.ceil(size / stride);
    return [out, Math.floor(Math.max(0, (out - 1) * stride + window - size) / 2)];
  }

  function convolve(layer, { shape: [height, width, depth], data }) {
    const [rows, columns, , filters] = layer.kernel_shape;
    const [stepDown, stepRight] = layer.strides;
    const [outHeight, top] = places(height, rows, stepDown, layer.padding);
    const [outWidth, left] = places(width, columns, stepRight, layer.padding);
    const out = new Float32Array(outHeight * outWidth * filters);
    for (let y = 0; y < outHeight; y++)
      for (let x = 0; x < outWidth; x++) {
        const here = (y * outWidth + x) * filters;
        out.set(layer.bias, here);
        for (let r = 0; r < rows; r++)
          for (let c = 0; c < columns; c++) {
            const row = y * stepDown + r - top, column = x * stepRight + c - left;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            for (let d = 0; d < depth; d++) {
              const value = data[(row * width + column) * depth + d];
              if (value === 0) continue;
              const from = ((r * columns + c) * depth + d) * filters;
              for (let f = 0; f < filters; f++) out[here + f] += value * layer.kernel[from + f];
            }
          }
      }
    return { shape: [outHeight, outWidth, filters], data: out };
  }

  function pool(layer, { shape: [height, width, depth], data }) {
    const [rows, columns] = layer.pool_size, [stepDown, stepRight] = layer.strides;
    const outHeight = Math.floor((height - rows) / stepDown) + 1;
    const outWidth = Math.floor((width - columns) / stepRight) + 1;
    const out = new Float32Array(outHeight * outWidth * depth).fill(-Infinity);
    for (let y = 0; y < outHeight; y++)
      for (let x = 0; x < outWidth; x++)
        for (let r = 0; r < rows; r++)
          for (let c = 0; c < columns; c++)
            for (let d = 0; d < depth; d++) {
              const here = (y * outWidth + x) * depth + d;
              const value = data[((y * stepDown + r) * width + x * stepRight + c) * depth + d];
              if (value > out[here]) out[here] = value;
            }
    return { shape: [outHeight, outWidth, depth], data: out };
  }

  function dense(layer, { data }) {
    const [inputs, outputs] = layer.kernel_shape;
    const out = Float32Array.from(layer.bias);
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++) out[o] += data[i] * layer.kernel[i * outputs + o];
    return { shape: [outputs], data: out };
  }

  /* 마지막 축의 값들을 평균 0, 표준편차 1로 맞추고, 곱하고 더합니다 */
  function normalize({ kernel, bias, epsilon }, { shape, data }) {
    const size = kernel.length, out = new Float32Array(data.length);
    for (let from = 0; from < data.length; from += size) {
      const part = data.subarray(from, from + size);
      const mean = part.reduce((sum, x) => sum + x, 0) / size;
      const spread = Math.sqrt(part.reduce((sum, x) => sum + (x - mean) ** 2, 0) / size + epsilon);
      part.forEach((x, k) => { out[from + k] = ((x - mean) / spread) * kernel[k] + bias[k]; });
    }
    return { shape, data: out };
  }

  const LAYERS = {
    Conv2D: convolve,
    MaxPooling2D: pool,
    Dense: dense,
    LayerNormalization: normalize,
    Flatten: (layer, { data }) => ({ shape: [data.length], data }),
    Reshape: (layer, { data }) => ({ shape: layer.shape, data }),
    Rescaling: ({ scale, offset }, { shape, data }) => ({ shape, data: data.map((x, i) => x * scale[i % scale.length] + offset[i % offset.length]) }),
    Softmax: (layer, tensor) => activate("softmax", tensor),
    Activation: (layer, tensor) => tensor, // 활성화 함수는 아래에서 모두에게
  };

  /* 가중치 하나 → Float32Array. 눈금(scale)이 있으면 8비트 정수이고, 눈금은 마지막 축의 칸마다 하나입니다. */
  function weight({ data, scale }) {
    if (!scale) return dlko.unpack(data);
    const steps = dlko.unpack(scale);
    return Float32Array.from(new Int8Array(bytes(data).buffer), (integer, i) => integer * steps[i % steps.length]);
  }

  /* 이름마다의 가중치: {이름: {shape, data, scale}} → {이름: Float32Array} */
  dlko.arrays = (spec) => Object.fromEntries(Object.entries(spec.arrays).map(([name, one]) => [name, weight(one)]));

  /* 넘겨받은 것(spec)으로 신경망을 만듭니다. run(값)은 층마다의 출력을 차례로 돌려줍니다. */
  dlko.net = function (spec) {
    const numbers = spec.weights.map(weight)[Symbol.iterator](), take = () => numbers.next().value;
    const layers = spec.layers.map((layer) => (layer.kernel_shape ? { ...layer, kernel: take(), bias: take() } : layer));
    return {
      layers,
      run(tensor) {
        const outputs = [];
        for (const layer of layers) {
          tensor = LAYERS[layer.kind](layer, tensor);
          if (layer.activation) tensor = activate(layer.activation, tensor);
          outputs.push(tensor);
        }
        return outputs;
      },
      /* to번째 층이 낸 unit번째 값을 from번째 층의 출력으로 미분한 기울기. 사이에는 Flatten과, 활성화 함수가 없거나 ReLU인 Dense만 둡니다. */
      slope(outputs, from, to, unit) {
        let slope = outputs[to].data.map((_, o) => (o === unit ? 1 : 0));
        for (let i = to; i > from; i--) {
          const { kind, activation, kernel, kernel_shape } = layers[i];
          if (kind === "Flatten") continue;
          if (kind !== "Dense" || !["linear", "relu"].includes(activation)) throw new Error(`${kind} 층을 거꾸로 지나지 못합니다.`);
          const out = activation === "relu" ? slope.map((s, o) => (outputs[i].data[o] > 0 ? s : 0)) : slope;
          const [inputs, units] = kernel_shape;
          slope = Float32Array.from({ length: inputs }, (_, n) => out.reduce((sum, s, o) => sum + s * kernel[n * units + o], 0));
        }
        return slope;
      },
    };
  };
})(typeof globalThis === "object" ? globalThis : this);
