"""cnn/lenet: LeNet-5로 사진 분류하기."""

import keras
import tensorflow as tf
from keras import layers

from benchmarks.quality import accuracy


def recipe(data, watch, epochs=5, rate=1e-3, center=0.0, spread=1.0):
    (x_train, y_train), (x_test, y_test) = data
    x_train = (x_train.reshape(-1, 28, 28, 1).astype("float32") / 255 - center) / spread
    x_test = (x_test.reshape(-1, 28, 28, 1).astype("float32") / 255 - center) / spread
    y_train = keras.utils.to_categorical(y_train, 10)
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(10_000).batch(128)

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(rate), loss="categorical_crossentropy", metrics=["accuracy"]
    )
    watch.quality = lambda: accuracy(model, x_test, y_test)
    model.fit(train, epochs=epochs, shuffle=False, callbacks=[watch.callback()], verbose=0)


def schedule(data, watch):
    steps = 3 * -(-len(data[0][0]) // 128)
    recipe(data, watch, 3, keras.optimizers.schedules.CosineDecay(4e-3, steps))


def center(data, watch):
    x_train = data[0][0] / 255
    recipe(data, watch, center=x_train.mean(), spread=x_train.std())


VARIANTS = {
    "center": ("입력의 가운데를 0으로, 퍼진 정도를 1로", center),
    "schedule": ("학습률을 코사인 곡선으로 줄이며 3에포크만", schedule),
}
