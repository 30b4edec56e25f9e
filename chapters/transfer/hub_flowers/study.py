"""전이 학습의 두 장이 읽는 긴 실행: 처음부터 훈련하기, 픽셀 그대로, 동결, 미세 조정.

- 미세 조정의 학습률과 에포크 수는 훈련 사진에서 떼어 낸 검증 사진(다섯에 하나)으로 고릅니다(`search`).
- 처음부터 훈련하는 쪽은 두 배 더 훈련해도 나아지지 않는지 함께 잽니다(`scratch2`).
- 한 번의 훈련이 끝날 때마다 적어 두므로, 멈추었다가 같은 명령으로 이어 갈 수 있습니다.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

import dlko
from course.kernel import brought_file
from dlko.data.photos import held_out_fifth

SIDE, SCRATCH_SIDE, PIXEL_SIDE, BATCH = 128, 48, 32, 32
ALL = 10**6  # 사진을 모두 쓴다는 뜻
SHOTS = {"flowers": (5, 10, 20, 50, ALL), "scenes": (10, 50)}
SEARCHED = {"flowers": (20, ALL), "scenes": (10,)}  # 미세 조정의 설정을 고르는 사진 수
DECAY = {"flowers": 0.01, "scenes": 0.1}  # 머리의 L2 규제의 세기. 꽃은 장의 것과 같습니다.
DRAWS = 5
RATES = (1e-4, 3e-4)
EPOCHS = {ALL: 5}  # 미세 조정에서 볼 가장 긴 에포크. 나머지는 열둘
SCRATCH_STEPS = {5: 200, 10: 300, 20: 400, 50: 600, ALL: 3000}
DOUBLED = (20, ALL)  # 처음부터 훈련하기를 두 배로 늘려 보는 사진 수

Result = dict[str, Any]


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    return np.array(tf.image.resize(images, (side, side), antialias=True))


class Study:
    """한 데이터의 사진과, 거기서 하는 훈련들."""

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        (self.x, self.y), (self.x_test, self.y_test) = dlko.load_data(path, side=SIDE)
        self.names = dlko.CLASS_NAMES[path]
        keys = [hashlib.sha256(image.tobytes()).hexdigest() for image in self.x]
        self.validation = held_out_fifth(keys, self.y)
        self.body = dlko.imagenet_model()
        self.borrowed = self.body.get_weights()
        self.features, self.features_test = self.extract(self.x), self.extract(self.x_test)
        self.tunable = self.make_tunable()

    def extract(self, images: np.ndarray) -> np.ndarray:
        return self.body.predict(images, batch_size=64, verbose=0)

    def draw(self, shots: int, seed: int, allowed: np.ndarray | None = None) -> np.ndarray:
        """클래스마다 shots장을 뽑은 자리 번호. 노트북의 draw와 같습니다."""
        rng = np.random.default_rng(seed)
        kept = np.ones(len(self.y), bool) if allowed is None else allowed
        each = [np.flatnonzero((self.y == k) & kept) for k in range(len(self.names))]
        return np.concatenate([rng.permutation(rows)[:shots] for rows in each])

    def head(self, values: np.ndarray, labels: np.ndarray) -> keras.Model:
        """노트북의 머리와 같은 짜임: 완전 연결층 하나, L2 규제, 200스텝."""
        dense = layers.Dense(
            len(self.names),
            activation="softmax",
            kernel_initializer="zeros",
            kernel_regularizer=keras.regularizers.L2(DECAY[self.name]),
        )
        model = keras.Sequential([keras.Input(values.shape[1:]), dense])
        model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        seen = np.random.default_rng(0).integers(len(labels), size=200 * BATCH)
        model.fit(values[seen], labels[seen], batch_size=BATCH, shuffle=False, verbose=0)
        return model

    def frozen(self, shots: int, seed: int) -> Result:
        rows = self.draw(shots, seed)
        head = self.head(self.features[rows], self.y[rows])
        return {"accuracy": head.evaluate(self.features_test, self.y_test, verbose=0)[1]}

    def pixels(self, shots: int, seed: int) -> Result:
        rows = self.draw(shots, seed)
        values, test = (
            shrink(images / np.float32(255), PIXEL_SIDE).reshape(len(images), -1)
            for images in (self.x[rows], self.x_test)
        )
        return {"accuracy": self.head(values, self.y[rows]).evaluate(test, self.y_test, verbose=0)[1]}

    def make_tunable(self) -> keras.Model:
        """몸통을 훈련할 수 있게 푼 모델. 여러 번 쓰므로 옵티마이저의 처음 상태를 적어 둡니다."""
        for layer in self.body.layers:
            layer.trainable = not isinstance(layer, layers.BatchNormalization)
        head = layers.Dense(len(self.names), activation="softmax", name="head")
        inputs = keras.Input((SIDE, SIDE, 3))
        model = keras.Model(inputs, head(self.body(layers.RandomFlip("horizontal")(inputs))))
        model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.optimizer.build(model.trainable_variables)
        self.fresh = [variable.numpy() for variable in model.optimizer.variables]
        return model

    def finetune(self, rows: np.ndarray, rate: float, epochs: int, seed: int, x: Any, y: Any) -> list[float]:
        """빌린 값과 훈련한 머리에서 다시 출발해 전체를 훈련합니다. 에포크마다 x, y의 정확도를 돌려줍니다."""
        model = self.tunable
        self.body.set_weights(self.borrowed)
        head = self.head(self.features[rows], self.y[rows])
        model.get_layer("head").set_weights(head.get_weights())
        for variable, value in zip(model.optimizer.variables, self.fresh, strict=True):
            variable.assign(value)
        model.optimizer.learning_rate = rate
        keras.utils.set_random_seed(seed)
        scores = []
        for epoch in range(epochs):
            model.fit(self.x[rows], self.y[rows], batch_size=BATCH, verbose=0)
            if x is not self.x_test or epoch == epochs - 1:  # 테스트 세트는 끝에 한 번만 봅니다.
                scores.append(model.evaluate(x, y, batch_size=64, verbose=0)[1])
        return scores

    def search(self, shots: int, rate: float) -> Result:
        """검증 사진에서 에포크마다의 정확도(첫 값은 고치기 전). 훈련에는 검증 사진을 쓰지 않습니다."""
        rows, kept = self.draw(shots, 0, ~self.validation), self.validation
        head = self.head(self.features[rows], self.y[rows])
        before = head.evaluate(self.features[kept], self.y[kept], verbose=0)[1]
        after = self.finetune(rows, rate, EPOCHS.get(shots, 12), 0, self.x[kept], self.y[kept])
        return {"rate": rate, "validation": [before, *after]}

    def tuned(self, shots: int, seed: int, rate: float, epochs: int) -> Result:
        rows = self.draw(shots, seed)
        accuracy = self.finetune(rows, rate, epochs, seed, self.x_test, self.y_test)[-1]
        return {"accuracy": accuracy, "rate": rate, "epochs": epochs}

    def scratch(self, shots: int, seed: int, longer: int = 1) -> Result:
        """작은 합성곱 신경망을 무작위 값에서 훈련합니다. 뒤집기와 밀기로 늘리고 학습률을 0까지 줄입니다."""
        keras.utils.set_random_seed(seed)
        rows, steps = self.draw(shots, seed), SCRATCH_STEPS[shots] * longer
        model = keras.Sequential([keras.Input((SCRATCH_SIDE, SCRATCH_SIDE, 3)), layers.Rescaling(1 / 255)])
        model.add(layers.RandomFlip("horizontal"))
        model.add(layers.RandomTranslation(0.1, 0.1))
        for filters in (16, 32, 64, 128):
            model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
            model.add(layers.BatchNormalization(momentum=0.9))
            model.add(layers.ReLU())
            model.add(layers.MaxPooling2D())
        model.add(layers.GlobalAveragePooling2D())
        model.add(layers.Dropout(0.3))
        model.add(layers.Dense(len(self.names), activation="softmax"))
        rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
        seen = np.random.default_rng(seed).integers(len(rows), size=steps * BATCH)
        small = tf.data.Dataset.from_tensor_slices(rows[seen]).batch(BATCH)
        photos, labels = tf.constant(shrink(self.x, SCRATCH_SIDE)), tf.constant(self.y)
        model.fit(small.map(lambda i: (tf.gather(photos, i), tf.gather(labels, i))), shuffle=False, verbose=0)
        test = shrink(self.x_test, SCRATCH_SIDE)
        return {"accuracy": model.evaluate(test, self.y_test, verbose=0)[1], "steps": steps}

    def wrong(self) -> Result:
        """머리는 바르게 훈련하고, 테스트 사진의 전처리만 틀렸을 때의 정확도."""
        head = self.head(self.features, self.y)
        self.body.set_weights(self.borrowed)
        inputs = {
            "약속대로": self.x_test,
            "빨강과 파랑을 바꿈": self.x_test[..., ::-1],
            "거꾸로 세움": self.x_test[:, ::-1],
            "255로 나눔": self.x_test / np.float32(255),
        }
        return {k: head.evaluate(self.extract(x), self.y_test, verbose=0)[1] for k, x in inputs.items()}

    def space(self, rate: float, epochs: int) -> Result:
        """테스트 사진을 평면에 놓은 자리: 픽셀, 빌린 특성, 클래스마다 50장으로 미세 조정한 특성."""
        self.finetune(self.draw(50, 0), rate, epochs, 0, self.x_test, self.y_test)
        values = {
            "픽셀": shrink(self.x_test / np.float32(255), PIXEL_SIDE).reshape(len(self.y_test), -1),
            "빌린 특성": self.features_test,
            "미세 조정한 특성": self.extract(self.x_test),
        }
        flat = {name: PCA(2, svd_solver="full").fit_transform(v) for name, v in values.items()}
        places = {
            name: np.round(100 * v / np.abs(v).max()).astype(int).T.tolist() for name, v in flat.items()
        }
        rates = {
            name: {"모두": neighbour_rate(values[name], self.y_test), "그림": neighbour_rate(v, self.y_test)}
            for name, v in flat.items()
        }
        return {"labels": self.y_test.tolist(), "places": places, "neighbours": rates}


def neighbour_rate(values: np.ndarray, labels: np.ndarray) -> float:
    """가장 가까운 다른 사진이 같은 클래스인 비율."""
    nearest = NearestNeighbors(n_neighbors=2).fit(values).kneighbors(values, return_distance=False)[:, 1]
    return float(np.mean(labels[nearest] == labels))


def measured(work: Callable[[], Result], place: Path) -> Result:
    """이미 적어 둔 결과가 있으면 그것을, 없으면 재어 적습니다."""
    if not place.exists():
        start = time.perf_counter()
        result = work()
        result["seconds"] = round(time.perf_counter() - start, 1)
        place.write_text(json.dumps(result), encoding="utf-8")
        print(place.stem, {k: v for k, v in result.items() if k not in ("labels", "places")}, flush=True)
    return json.loads(place.read_text(encoding="utf-8"))


def chosen(searches: list[Result]) -> tuple[float, int]:
    """검증 정확도가 가장 높은 학습률과 에포크 수. 비기면 더 작은 것입니다."""
    scores = [
        (score, -one["rate"], -epochs)
        for one in searches
        for epochs, score in enumerate(one["validation"])
        if epochs
    ]
    _, rate, epochs = max(scores)
    return -rate, -epochs


def label(shots: int) -> int | str:
    return "all" if shots == ALL else shots


def run(study: Study, work: Path) -> Result:
    """훈련을 모두 하고(또는 이어서 하고) 결과를 모읍니다."""
    name = study.name

    def done(key: str, job: Callable[[], Result]) -> Result:
        return measured(job, work / f"{name}-{key}.json")

    searches, settings, results = [], {}, []
    for shots in SEARCHED[name]:
        found = [done(f"search-{label(shots)}-{r:g}", partial(study.search, shots, r)) for r in RATES]
        searches += [{"shots": label(shots), **one} for one in found]
        settings[shots] = chosen(found)
    for shots in SHOTS[name]:
        setting = settings[ALL if shots == ALL else SEARCHED[name][0]]
        jobs: dict[str, Callable[[int], Result]] = {
            "frozen": partial(study.frozen, shots),
            "tuned": partial(lambda s, e, seed: study.tuned(s, seed, *e), shots, setting),
        }
        if name == "flowers":
            jobs |= {"pixels": partial(study.pixels, shots), "scratch": partial(study.scratch, shots)}
        if name == "flowers" and shots in DOUBLED:
            jobs["scratch2"] = partial(study.scratch, shots, longer=2)
        for method, job in jobs.items():
            for seed in range(1 if method == "scratch2" else DRAWS):
                row = done(f"{method}-{label(shots)}-{seed}", partial(job, seed))
                results.append({"method": method, "shots": label(shots), "draw": seed, **row})
    extra = {}
    if name == "flowers":
        space = partial(study.space, *settings[SEARCHED[name][0]])
        extra = {"wrong": done("wrong", study.wrong), "space": done("space", space)}
    return {"search": searches, "results": results, **extra}


def record_of(name: str, pattern: str) -> Result:
    """DLKO_DATA_DIR에 가져다 둔 사진으로 모두 재고, 기록에 적을 것을 돌려줍니다."""
    photos = brought_file(pattern)
    work = Path(os.environ["DLKO_OUT"]).parent / name  # 멈추었다가 이어 갈 수 있게 훈련마다 적어 두는 곳
    work.mkdir(parents=True, exist_ok=True)
    study = Study(name, str(photos))
    about = {"title": dlko.about_features(name)["title"], "train": len(study.y), "test": len(study.y_test)}
    return {"data": about | {"side": SIDE}, **run(study, work)}
