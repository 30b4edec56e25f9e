"""동결한 특성 추출기 위에 완전 연결층 하나를 훈련하기."""

import numpy as np

import dlko
from course.benchmark.plan import Plan

SIDE = 192
SHOTS = 50


def recipe(data, watch):
    import keras
    from keras import layers

    (x_train, y_train), (x_test, y_test) = data
    with watch.paused():
        body = extractor()
        test_features = body.predict(x_test, batch_size=32, verbose=0)
    head = layers.Dense(int(y_train.max()) + 1, activation="softmax")
    model = keras.Sequential([body, head])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: accuracy(head(test_features), y_test)
    model.fit(x_train, y_train, epochs=30, batch_size=64, callbacks=[watch.callback()], verbose=0)


def cached(data, watch):
    """특성을 한 번만 계산해 두고, 같은 완전 연결층을 같은 방법으로 훈련합니다."""
    import keras
    from keras import layers

    (x_train, y_train), (x_test, y_test) = data
    with watch.paused():
        body = extractor()
    features = body.predict(x_train, batch_size=32, verbose=0)
    with watch.paused():
        test_features = body.predict(x_test, batch_size=32, verbose=0)
    head = keras.Sequential([layers.Dense(int(y_train.max()) + 1, activation="softmax")])
    head.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: accuracy(head(test_features), y_test)
    head.fit(features, y_train, epochs=30, batch_size=64, callbacks=[watch.callback()], verbose=0)


VARIANTS = {"cached": ("특성을 한 번만 계산하기", cached)}


def extractor():
    """TF Hub에서 불러온 특성 추출기를 감싼 Keras 3의 모델. 훈련하지 않습니다."""
    import keras
    import tensorflow_hub as hub

    class Extractor(keras.layers.Layer):
        def __init__(self):
            super().__init__(trainable=False)
            self.module = hub.load(dlko.extractor_path())

        def call(self, images):
            return self.module(images, training=False)

    return keras.Sequential([keras.Input((SIDE, SIDE, 3)), Extractor()])


def accuracy(scores, y):
    return float(np.mean(np.argmax(scores, axis=1) == y))


def fifty_each(v):
    """클래스마다 쉰 장. 독자가 `PHOTOS`에 사진의 위치를 적은 것처럼 노트북의 변수도 바꿉니다.

    꽃 사진을 구할 수 없으면 책에 든 옷 사진을 키워서 씁니다.
    """
    name = "flowers"
    try:
        (x, y), (x_test, y_test) = dlko.load_data(name, side=SIDE)
    except dlko.DataError:
        name = "fashion"
        (x, y), (x_test, y_test) = dlko.load_data(name)
    names = dlko.CLASS_NAMES[name]
    shuffled = np.random.default_rng(0).permutation(len(y))
    rows = np.concatenate([shuffled[y[shuffled] == k][:SHOTS] for k in range(len(names))])
    x, y, x_test, y_test = photos(x[rows]), y[rows], photos(x_test[:1000]), y_test[:1000]
    v.update(PHOTOS=name, names=names, x_train=x, y_train=y, x_test=x_test, y_test=y_test)
    return (x, y), (x_test, y_test)


def photos(images):
    """추출기가 받는 크기와 채널의 사진."""
    import tensorflow as tf

    images = images[..., None] if images.ndim == 3 else images
    grown = tf.image.resize(images, (SIDE, SIDE)).numpy().astype("uint8")
    return np.broadcast_to(grown, (*grown.shape[:3], 3))


def title(data, source):
    (x, y), (x_test, _) = data
    kind = "꽃" if len(set(y.tolist())) == 5 else "옷(Fashion-MNIST를 키운 것)"
    return f"{kind} 사진: 훈련 {len(x):,}장(클래스마다 {SHOTS}장), 테스트 {len(x_test):,}장"


PLAN = Plan(
    recipe="동결한 특성 추출기와 완전 연결층 하나, Adam, 배치 64, 30에포크. 에포크마다 사진을 특성 추출기에 다시 통과시킴",
    measure="테스트 정확도",
    quality=lambda v: accuracy(v["full_head"](v["f_test"]), v["y_test"]),
    tolerance=0.005,
    data_cells=("setup", "hub-load", "load"),
    data=fifty_each,
    title=title,
    cells=("test-features", "head"),
    profile="quick",
    every_epochs=3,
)
