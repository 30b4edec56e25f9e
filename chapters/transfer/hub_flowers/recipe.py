"""동결한 특성 추출기 위에 완전 연결층 하나를 훈련하기."""

import dlko
from course.benchmark.plan import Plan, accuracy


def extractor():
    """TF Hub에서 불러온 특성 추출기를 Keras 3의 층으로 감쌉니다. 훈련하지 않습니다."""
    import keras
    import tensorflow_hub as hub

    class Extractor(keras.layers.Layer):
        def __init__(self):
            super().__init__(trainable=False)
            self.module = hub.load(dlko.extractor_path())

        def call(self, images):
            return self.module(images, training=False)

    return Extractor()


def recipe(data, watch):
    import keras
    from keras import layers

    (x_train, y_train), (x_test, y_test) = data
    model = keras.Sequential(
        [
            keras.Input(x_train.shape[1:]),
            extractor(),
            layers.Dense(int(y_train.max()) + 1, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: accuracy(model, x_test, y_test)
    model.fit(x_train, y_train, epochs=30, batch_size=64, callbacks=[watch.callback()], verbose=0)


def cached(data, watch):
    """특성을 한 번만 계산해 두고, 같은 완전 연결층을 같은 방법으로 훈련합니다."""
    import keras
    from keras import layers

    (x_train, y_train), (x_test, y_test) = data
    network = keras.Sequential([keras.Input(x_train.shape[1:]), extractor()])
    features = network.predict(x_train, batch_size=64, verbose=0)
    with watch.paused():
        test_features = network.predict(x_test, batch_size=64, verbose=0)
    head = keras.Sequential(
        [keras.Input(features.shape[1:]), layers.Dense(int(y_train.max()) + 1, activation="softmax")]
    )
    head.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: accuracy(head, test_features, y_test)
    head.fit(features, y_train, epochs=30, batch_size=64, callbacks=[watch.callback()], verbose=0)


VARIANTS = {"cached": ("특성을 한 번만 계산하기", cached)}


def fifty_each(v):
    rows = v["draw"](50, seed=0)
    return (v["x_pool"][rows], v["y_pool"][rows]), (v["x_test"], v["y_test"])


PLAN = Plan(
    recipe="동결한 특성 추출기와 완전 연결층 하나, Adam, 배치 64, 30에포크. 에포크마다 사진을 특성 추출기에 다시 통과시킴",
    measure="테스트 정확도",
    quality=lambda v: accuracy(v["frozen_model"], v["x_test"], v["y_test"]),
    tolerance=0.005,
    data_cells=(
        "setup",
        "load",
        "to-input",
        "pool",
        "hub-load",
        "hub-layer",
        "build",
        "frozen-count",
        "draw",
    ),
    data=fifty_each,
    title=lambda data, _: f"Fashion-MNIST에서 훈련 {len(data[0][0]):,}장, 테스트 {len(data[1][0]):,}장",
    cells=("slow", "features", "train-head"),
    profile="quick",
    every_epochs=3,
)
