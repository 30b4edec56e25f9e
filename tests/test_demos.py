"""시연: 넘겨받은 신경망을 브라우저의 코드로 계산한 값이 Keras의 값과 같은지."""

import base64
import json
import random
import re
import subprocess
from collections import Counter
from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image, ImageDraw
from scipy.ndimage import center_of_mass

import dlko
from course.bootstrap import ROOT
from course.notebooks import chapters, find, markdown_cells
from dlko.data.sets.reviews import load_made_up
from dlko.demos import as_written, describe, weights
from website.assets import WEBSITE, node_program

NET = WEBSITE / "theme" / "static" / "demos" / "net.js"
# 넘긴 스크립트를 읽고, 보기를 하나씩 계산해 Keras의 답과 가장 크게 다른 만큼을 출력합니다.
REPLAY = """
const fs = require("fs"), [net, given, examples] = process.argv.slice(1);
for (const file of [net, given]) (0, eval)(fs.readFileSync(file, "utf8"));
const spec = Object.values(dlko.given)[0], model = dlko.net(spec);
const { inputs, outputs } = JSON.parse(fs.readFileSync(examples, "utf8"));
let worst = 0;
inputs.forEach((input, i) => {
  const answer = model.run({ shape: spec.shape, data: Float32Array.from(input.flat(Infinity)) }).at(-1).data;
  outputs[i].flat(Infinity).forEach((value, k) => { worst = Math.max(worst, Math.abs(value - answer[k])); });
});
console.log(worst);
"""


def replay(folder):
    """보기에서 가장 크게 다른 만큼."""
    files = [NET, folder / "demo.js", folder / "demo-examples.json"]
    done = subprocess.run(
        [node_program(), "-e", REPLAY, *map(str, files)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def picture_model(padding="valid", strides=1):
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((9, 8, 2)),
            layers.RandomTranslation(0.1, 0.1),
            layers.Conv2D(4, 3, strides=strides, padding=padding, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(3, 2, padding="same", use_bias=False, activation="tanh"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(6, activation="selu"),
            layers.Dense(4),
            layers.Softmax(),
        ]
    )


@pytest.mark.parametrize(("padding", "strides"), [("valid", 1), ("same", 1), ("same", 2), ("same", 3)])
def test_the_page_computes_what_keras_computes(padding, strides, tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    model = picture_model(padding, strides)
    before = model.get_weights()
    dlko.hand_over("part/toy", model, np.random.default_rng(0).random((5, 9, 8, 2), dtype="float32"))
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert replay(tmp_path) < 1e-4


def test_a_wrong_weight_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    model = picture_model()
    examples = np.random.default_rng(0).random((5, 9, 8, 2), dtype="float32")
    dlko.hand_over("part/toy", model, examples)
    answers = (tmp_path / "demo-examples.json").read_text(encoding="utf-8")
    model.layers[-2].bias.assign_add([0.1, 0, 0, 0])
    dlko.hand_over("part/toy", model, examples)
    (tmp_path / "demo-examples.json").write_text(answers, encoding="utf-8")
    assert replay(tmp_path) > 1e-3


def test_normalization(tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    dice = np.random.default_rng(0)
    stack = [layers.Dense(6), layers.LayerNormalization(), layers.Activation("selu"), layers.Reshape((2, 3))]
    model = keras.Sequential([keras.Input((3,)), *stack, layers.LayerNormalization(epsilon=0.1)])
    model.set_weights([dice.normal(size=weight.shape) for weight in model.get_weights()])
    dlko.hand_over("part/toy", model, dice.random((5, 3), dtype="float32"))
    assert replay(tmp_path) < 1e-5
    with pytest.raises(TypeError, match="LayerNormalization"):
        describe(keras.Sequential([keras.Input((3,)), layers.LayerNormalization(scale=False)]).layers[0])


@pytest.mark.parametrize("name", ["linear", "relu", "sigmoid", "tanh", "elu", "selu", "silu", "softmax"])
def test_every_activation(name, tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    rescaling = layers.Rescaling(np.float32([1, 10, 0.5]), offset=-0.25)
    stack = [keras.Input((3,)), rescaling, layers.Dense(5, activation=name), layers.Reshape((5, 1))]
    model = keras.Sequential(stack)
    dlko.hand_over("part/toy", model, np.array([[1, -2, 3], [-1, 0.5, -4]], dtype="float32"))
    assert replay(tmp_path) < 1e-5


def test_nothing_happens_outside_the_book(tmp_path, monkeypatch):
    monkeypatch.delenv("DLKO_OUT", raising=False)
    monkeypatch.chdir(tmp_path)
    dlko.hand_over("part/toy", None, np.zeros((1, 2)))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_layer_is_named():
    model = keras.Sequential([keras.Input((4, 3)), layers.LSTM(2, name="memory")])
    with pytest.raises(TypeError, match=r"LSTM 층\(memory\)"):
        describe(model.layers[0])


def test_the_handed_over_script_is_plain(tmp_path, monkeypatch):
    """디스크에서 연 쪽에서도 읽히도록 평범한 스크립트이고, 행렬은 8비트, 편향은 16비트입니다."""
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    model = picture_model()
    dlko.hand_over("part/toy", model, np.zeros((1, 9, 8, 2), dtype="float32"))
    text = (tmp_path / "demo.js").read_text(encoding="utf-8")
    assert text.startswith('dlko.receive("part/toy", {')
    spec = json.loads(text.partition(", ")[2].rstrip(");\n"))
    kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
    assert [one["shape"] for one in spec["weights"][::2]] == [list(kernel.shape) for kernel in kernels]
    for kernel, one, bias in zip(kernels, spec["weights"][::2], spec["weights"][1::2], strict=True):
        assert len(base64.b64decode(one["data"])) == kernel.numpy().size
        assert len(base64.b64decode(one["scale"])) == 2 * kernel.shape[-1]
        assert (
            bias.keys() == {"shape", "data"} and len(base64.b64decode(bias["data"])) == 2 * kernel.shape[-1]
        )


def test_written_weights_stay_within_half_a_step():
    """눈금의 간격을 16비트로 적어도 가장 가까운 눈금으로 갑니다. 모두 0인 칸과 작은 칸도 그렇습니다."""
    weight = np.random.default_rng(0).normal(size=(50, 4)).astype("float32") * [1, 0, 0.01, 30]
    restored = as_written(weight.astype("float32"))
    step = np.abs(weight).max(axis=0) / 127
    assert (np.abs(restored - weight) <= 0.56 * step + 1e-7).all()
    assert len(np.unique(restored[:, 0])) > 40


def test_every_place_has_its_demo():
    """노트북의 `직접 해 보기` 상자마다 시연이 하나씩 있습니다."""
    for chapter in chapters():
        places = "\n".join(text for _, text in markdown_cells(chapter.read())).count("> **직접 해 보기.**")
        code = chapter.room / "demo.js"
        made = code.read_text(encoding="utf-8").count("dlko.demos[") if code.exists() else 0
        assert places == made, chapter.name


def in_node(code, *arguments):
    done = subprocess.run(
        [node_program(), "-e", code, *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


DIGITS = ROOT / "chapters/cnn/digits/demo.js"
# 보기마다 두 가지 지도를 그려, 넘겨받은 것과 가장 크게 다른 만큼을 출력합니다.
REPLAY_MAPS = """
const fs = require("fs"), [net, demo, given, examples] = process.argv.slice(1);
for (const file of [net, demo, given]) (0, eval)(fs.readFileSync(file, "utf8"));
const spec = Object.values(dlko.given)[0], model = dlko.net(spec);
const { inputs, outputs, ...maps } = JSON.parse(fs.readFileSync(examples, "utf8"));
let worst = 0;
inputs.forEach((input, i) => {
  const layers = model.run({ shape: spec.shape, data: Float32Array.from(input.flat(Infinity)) });
  const digit = outputs[i].indexOf(Math.max(...outputs[i]));
  for (const name of ["grad_cam", "hires_cam"]) {
    const { heat } = dlko.digits.classMap(model, layers, digit, name === "grad_cam");
    maps[name][i].flat().forEach((value, k) => { worst = Math.max(worst, Math.abs(value - heat[k])); });
  }
});
console.log(worst);
"""


def replay_maps(folder):
    return in_node(REPLAY_MAPS, NET, DIGITS, folder / "demo.js", folder / "demo-examples.json")


def digits_cells(**given):
    """장의 칸에 적힌 함수들."""
    cells = {cell.id: cell.source for cell in find("cnn/digits").read().cells}
    return cells, {"np": np, "keras": keras, **given}


def test_the_map_is_the_one_of_the_chapter(tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    keras.utils.set_random_seed(0)
    stack = [
        layers.Conv2D(4, 3, strides=2, activation="relu"),
        layers.Conv2D(8, 3, padding="same", activation="relu", name="conv3"),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(12, activation="relu"),
        layers.Dense(10, name="scores"),
        layers.Softmax(),
    ]
    model = keras.Sequential([keras.Input((9, 9, 1)), *stack])
    x_test = np.random.default_rng(0).random((20, 9, 9, 1), dtype="float32")
    cells, chapter = digits_cells(model=model, tf=tf, dlko=dlko, x_test=x_test)
    exec(cells["gradcam-code"], chapter)
    exec(cells["hand-over"], chapter)
    assert replay_maps(tmp_path) < 1e-4
    heat = np.array(json.loads((tmp_path / "demo-examples.json").read_text(encoding="utf-8"))["hires_cam"])
    assert heat.max() > 0.05


def test_a_drawing_is_placed_as_in_the_chapter(tmp_path):
    cells, chapter = digits_cells(Image=Image, center_of_mass=center_of_mass)
    exec(cells["hand-center"], chapter)
    dice = random.Random(0)
    drawings = []
    for number in range(30):
        paper = Image.new("L", (256, 256))
        pen = ImageDraw.Draw(paper)
        if number < 5:  # 줄인 변이 꼭 절반에 걸리는 크기
            pen.rectangle((40, 30, 40 + 20 * number + 19, 30 + 159), fill=255)
        else:
            spots = [(dice.randrange(256), dice.randrange(256)) for _ in range(dice.randrange(2, 6))]
            pen.line(spots, fill=255, width=dice.choice([1, 8, 20]), joint="curve")
        drawings.append(np.asarray(paper, dtype="float32") / 255)
    (tmp_path / "drawings.json").write_text(json.dumps([one.ravel().tolist() for one in drawings]))
    code = """
const fs = require("fs"), [net, demo, drawings] = process.argv.slice(1);
for (const file of [net, demo]) (0, eval)(fs.readFileSync(file, "utf8"));
const placed = JSON.parse(fs.readFileSync(drawings, "utf8")).map((ink) => dlko.digits.placeLikeMnist(Float32Array.from(ink), 256));
console.log(JSON.stringify(placed.map(({ small, pixels }) => [[...small], [...pixels]])));
"""
    answers = in_node(code, NET, DIGITS, tmp_path / "drawings.json")
    for ink, (our_small, our_pixels) in zip(drawings, answers, strict=True):
        small, pixels = chapter["place_like_mnist"](ink)
        assert np.abs(small.ravel() - our_small).max() < 1e-6
        # 무게 중심이 두 칸의 꼭 한가운데이면 반올림 오차가 어느 칸인지 정합니다.
        if min(abs(center % 1 - 0.5) for center in center_of_mass(small)) > 1e-5:
            assert np.abs(pixels.ravel() - our_pixels).max() < 1e-6


def odd_reviews(count):
    """영화평에 나올 수 있는 글자를 마구 섞은 글: 자모, 이모지, 결합 문자, 갖가지 빈칸, 이어지는 글자."""
    dice = random.Random(0)
    letters = [
        *"가각힣뷁ㅋㅠㅎㅏ한글 영화 재미 없다.,!?~ab12",
        "\u1112\u1161",
        "👍",
        "👨‍👩‍👧",
        "🇰🇷",
        "e\u0301",
        "\u200b",
        "\ufeff",
    ]
    letters += [
        " ",
        "\t",
        "\n",
        "\u3000",
        "\xa0",
        "\x85",
        "\x1c",
        "\u2028",
        "ㅋㅋㅋㅋ",
        "ㅠㅠㅠ",
        "!!!!!",
        "👍👍👍👍",
    ]
    return ["".join(dice.choices(letters, k=dice.randrange(0, 30))) for _ in range(count)]


def test_the_page_cuts_a_review_as_the_chapter_does(tmp_path):
    cells = {cell.id: cell.source for cell in find("rnn/sentiment").read().cells}
    functions = "".join(
        re.findall(r"^def .*?(?=^\S|\Z)", cells["units"] + "\n\n" + cells["grams"], re.M | re.S)
    )
    chapter = {"re": re, "DATA": "nsmc"}
    exec(functions, chapter)
    texts = odd_reviews(500)
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    code = """
const fs = require("fs"), [net, demo, texts] = process.argv.slice(1);
for (const file of [net, demo]) (0, eval)(fs.readFileSync(file, "utf8"));
console.log(JSON.stringify(JSON.parse(fs.readFileSync(texts, "utf8")).map((text) => dlko.review.grams(text).flat())));
"""
    ours = in_node(code, NET, ROOT / "chapters/rnn/sentiment/demo.js", tmp_path / "texts.json")
    assert ours == [chapter["grams"](text) for text in texts]


def test_a_model_that_is_not_a_stack_is_handed_over_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    entrance = keras.Input((None,), dtype="int32")
    x = layers.Bidirectional(layers.LSTM(3), name="bilstm")(
        layers.Embedding(5, 2, name="embedding")(entrance)
    )
    model = keras.Model(entrance, layers.Dense(1)(layers.Dropout(0.5)(x)))
    dlko.hand_over("part/toy", model, np.array([[1, 2, 3]]), words=["가"])
    text = (tmp_path / "demo.js").read_text(encoding="utf-8")
    spec = json.loads(text.partition(", ")[2].rstrip(");\n"))
    sizes = {name: len(entry["data"]) for name, entry in spec["arrays"].items()}
    assert spec["words"] == ["가"] and any("backward_lstm" in name for name in sizes)
    assert sum(np.prod(entry["shape"]) for entry in spec["arrays"].values()) == model.count_params()


def test_the_cart_moves_as_in_gymnasium():
    import gymnasium

    dice = random.Random(0)
    world = gymnasium.make("CartPole-v1").unwrapped
    code = """
const fs = require("fs"), [net, demo, given] = process.argv.slice(1);
for (const file of [net, demo]) (0, eval)(fs.readFileSync(file, "utf8"));
const { state, actions } = JSON.parse(given);
console.log(JSON.stringify(actions.reduce((path, a) => [...path, dlko.cartpole.step(path.at(-1), a)], [state])));
"""
    for seed in range(5):
        world.reset(seed=seed)
        actions, path, ended = [], [[float(value) for value in world.state]], False
        while not ended and len(actions) < 60:
            actions.append(dice.randrange(2))
            ended = world.step(actions[-1])[2]
            path.append([float(value) for value in world.state])
        given = json.dumps({"state": path[0], "actions": actions})
        ours = in_node(code, NET, ROOT / "chapters/beyond/dqn/demo.js", given)
        assert np.abs(np.array(ours) - np.array(path)).max() < 1e-9


def test_numbers_are_read_as_in_the_chapter():
    cells = {cell.id: cell.source for cell in find("rnn/attention").read().cells}
    chapter = {}
    exec(cells["read"], chapter)
    dice = random.Random(0)
    numbers = [dice.randrange(1, 10 ** dice.randrange(1, 9)) for _ in range(500)]
    code = """
const fs = require("fs"), [net, demo, given] = process.argv.slice(1);
for (const file of [net, demo]) (0, eval)(fs.readFileSync(file, "utf8"));
console.log(JSON.stringify(JSON.parse(given).map(dlko.numbers.read)));
"""
    ours = in_node(code, NET, ROOT / "chapters/rnn/attention/demo.js", json.dumps(numbers))
    assert ours == [chapter["read"](number) for number in numbers]


def language_model(*names, **given):
    """언어 모델 장의 칸을 실행한 이름들."""
    cells = {cell.id: cell.source for cell in find("rnn/language_model").read().cells}
    chapter = {"re": re, "np": np, "Counter": Counter, "cache": cache}
    chapter |= {"keras": keras, "layers": layers, "ops": keras.ops} | given
    for name in names:
        exec(cells[name], chapter)
    return chapter


def test_the_page_cuts_tokens_as_the_chapter_does(tmp_path):
    (texts, _), (others, _) = load_made_up()
    chapter = language_model("bpe", "cut", train=list(texts[:300]))
    letters = sorted({letter for text in [*texts, *others] for letter in text})
    tokens = ["", "끝", *dict.fromkeys(letters + ["".join(pair) for pair in chapter["merges"]])]
    asked = [*others[:200], "가가가 가가가", "이 영화는  정말 "]
    spec = {"tokens": tokens, "merges": chapter["merges"]}
    (tmp_path / "given.json").write_text(json.dumps({"spec": spec, "texts": asked}), encoding="utf-8")
    code = """
const fs = require("fs"), [net, demo, given] = process.argv.slice(1);
for (const file of [net, demo]) (0, eval)(fs.readFileSync(file, "utf8"));
const { spec, texts } = JSON.parse(fs.readFileSync(given, "utf8"));
console.log(JSON.stringify(texts.map(dlko.language.cutter(spec))));
"""
    ours = in_node(code, NET, ROOT / "chapters/rnn/language_model/demo.js", tmp_path / "given.json")
    assert ours == [[tokens.index(token) for token in chapter["bpe"](text)] for text in asked]


# 본보기마다 토큰을 하나씩 넣어 얻은 로짓과, 확률을 손본 것
READ = """
const fs = require("fs"), [net, given, demo, examples] = process.argv.slice(1);
for (const file of [net, given, demo]) (0, eval)(fs.readFileSync(file, "utf8"));
const { inputs } = JSON.parse(fs.readFileSync(examples, "utf8"));
const start = dlko.language.reader(Object.values(dlko.given)[0]);
console.log(JSON.stringify(inputs.map((row) => { const push = start(); return row.map((id) => [...push(id)]); })));
"""


def test_the_page_predicts_tokens_as_keras_does(tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    keras.utils.set_random_seed(0)
    chapter = language_model("build")
    chapter["build"](9)  # 먼저 만든 모델이 있어 층의 번호가 0이 아닐 때도
    model = chapter["build"](30)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign_add(rng.normal(0, 0.1, weight.shape))
    examples = np.random.default_rng(1).integers(1, 30, (3, 12))
    dlko.hand_over("rnn/language_model", model, examples)
    outputs = json.loads((tmp_path / "demo-examples.json").read_text(encoding="utf-8"))["outputs"]
    demo = ROOT / "chapters/rnn/language_model/demo.js"
    ours = in_node(READ, NET, tmp_path / "demo.js", demo, tmp_path / "demo-examples.json")
    assert np.abs(np.array(ours) - np.array(outputs)).max() < 1e-3


def test_the_page_narrows_chances_as_the_chapter_does():
    chapter = language_model("narrow")
    logits = np.random.default_rng(0).normal(0, 2, 40).astype("float32")
    logits[0] = -1e9  # 채움은 뽑지 않습니다
    code = """
const fs = require("fs"), [net, demo, given] = process.argv.slice(1);
for (const file of [net, demo]) (0, eval)(fs.readFileSync(file, "utf8"));
const { logits, ways } = JSON.parse(given);
console.log(JSON.stringify(ways.map((way) => dlko.language.narrow(logits, ...way))));
"""
    ways = [(1, 40, 1), (0.3, 40, 1), (1.7, 40, 1), (1, 1, 1), (1, 5, 1), (1, 40, 0.8), (1.7, 10, 0.5)]
    given = json.dumps({"logits": logits.tolist(), "ways": ways})
    ours = in_node(code, NET, ROOT / "chapters/rnn/language_model/demo.js", given)
    for way, chances in zip(ways, ours, strict=True):
        assert np.abs(np.array(chances) - chapter["narrow"](logits[None], *way)[0]).max() < 1e-6


def test_noise_is_removed_as_in_the_chapter(tmp_path, monkeypatch):
    """확산 모델 장의 sample과 그림을 쪽에서도 같게 계산합니다. 가중치는 넘길 때처럼 줄여 견줍니다."""
    import tensorflow as tf

    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    cells = {cell.id: cell.source for cell in find("gan/diffusion").read().cells}
    chapter = {"np": np, "tf": tf, "keras": keras, "layers": layers}
    for cell in ("schedule", "autoencoder", "denoiser", "guess", "sample"):
        exec(compile(cells[cell], cell, "exec"), chapter)
    size, kinds, dice = chapter["LATENT"], 10, np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    model = chapter["make_denoiser"](32)
    scaled = layers.Rescaling(dice.random(size), offset=dice.random(size))
    painter = keras.Sequential(
        [keras.Input((size,)), scaled, layers.Dense(9, "silu"), layers.Dense(16, "sigmoid")]
    )
    for one in (model, painter):
        one.set_weights([as_written(weight) for weight in one.get_weights()])
    noise = dice.standard_normal((3, size)).astype("float32")
    kind = tf.one_hot([-1, 0, 9], kinds)  # 첫째는 '모름'
    examples = chapter["join"](noise, tf.constant([200, 100, 10]), kind).numpy()
    facts = {"names": ["옷"] * kinds, "T": chapter["T"], "end": float(chapter["angle"][-1])}
    dlko.hand_over("part/toy", model, examples, painter=weights(painter), **facts)
    assert replay(tmp_path) < 1e-4
    code = """
const fs = require("fs"), [net, given, demo, asked] = process.argv.slice(1);
for (const file of [net, given, demo]) (0, eval)(fs.readFileSync(file, "utf8"));
const { walk, paint } = dlko.diffusion.walker(dlko.given["part/toy"]), { noise, steps, guidance } = JSON.parse(asked);
const ends = [-1, 0, 9].map((kind, i) => walk(noise[i], kind, steps, guidance).at(-1).x);
console.log(JSON.stringify(ends.map((end) => [[...end], [...paint(end)]])));
"""
    room = ROOT / "chapters" / "gan" / "diffusion" / "demo.js"
    for steps, guidance in ((20, 1.0), (50, 2.5)):
        asked = json.dumps({"noise": noise.tolist(), "steps": steps, "guidance": guidance})
        ends = chapter["sample"](model, noise, kind, steps, guidance).numpy()
        ours = in_node(code, NET, tmp_path / "demo.js", room, asked)
        scale = np.abs(ends).max()
        assert np.abs(np.array([end for end, _ in ours]) - ends).max() < 1e-3 * scale
        drawn = painter.predict(ends, verbose=0)
        assert np.abs(np.array([picture for _, picture in ours]) - drawn).max() < 1e-3
