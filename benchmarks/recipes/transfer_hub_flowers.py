"""transfer/hub_flowers: 동결한 특성 추출기 위에 완전 연결층 하나를 훈련하기."""

import keras
import tensorflow_hub as hub
from keras import layers

import dlko
from benchmarks.quality import accuracy


class Extractor(layers.Layer):
    """TF Hub에서 불러온 특성 추출기를 Keras 3의 층으로 감쌉니다. 훈련하지 않습니다."""

    def __init__(self):
        super().__init__(trainable=False)
        self.module = hub.load(dlko.extractor_path())

    def call(self, images):
        return self.module(images, training=False)


def recipe(data, watch):
    (x_train, y_train), (x_test, y_test) = data
    model = keras.Sequential(
        [
            keras.Input(x_train.shape[1:]),
            Extractor(),
            layers.Dense(int(y_train.max()) + 1, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: accuracy(model, x_test, y_test)
    model.fit(x_train, y_train, epochs=30, batch_size=64, callbacks=[watch.callback()], verbose=0)


def cached(data, watch):
    """특성을 한 번만 계산해 두고, 같은 완전 연결층을 같은 방법으로 훈련합니다."""
    (x_train, y_train), (x_test, y_test) = data
    extractor = keras.Sequential([keras.Input(x_train.shape[1:]), Extractor()])
    features = extractor.predict(x_train, batch_size=64, verbose=0)
    with watch.paused():
        test_features = extractor.predict(x_test, batch_size=64, verbose=0)
    head = keras.Sequential(
        [keras.Input(features.shape[1:]), layers.Dense(int(y_train.max()) + 1, activation="softmax")]
    )
    head.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch.quality = lambda: accuracy(head, test_features, y_test)
    head.fit(features, y_train, epochs=30, batch_size=64, callbacks=[watch.callback()], verbose=0)


VARIANTS = {"cached": ("특성을 한 번만 계산하기", cached)}
