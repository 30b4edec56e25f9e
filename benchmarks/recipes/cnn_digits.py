"""cnn/digits: 합성곱 신경망으로 사진 분류하기."""

import keras
from keras import layers

from benchmarks.quality import accuracy


def recipe(data, watch, batch_size=64, epochs=10, learning_rate=1e-3):
    (x_train, y_train), (x_test, y_test) = data
    x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
    x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255
    y_train = keras.utils.to_categorical(y_train, 10)

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate), loss="categorical_crossentropy", metrics=["accuracy"]
    )
    watch.quality = lambda: accuracy(model, x_test, y_test)
    model.fit(x_train, y_train, epochs=epochs, batch_size=batch_size, callbacks=[watch.callback()], verbose=0)


def larger_batch(data, watch):
    recipe(data, watch, batch_size=256)


def schedule(data, watch):
    steps = 3 * -(-len(data[0][0]) // 256)
    recipe(data, watch, 256, 3, keras.optimizers.schedules.CosineDecay(3e-3, steps))


VARIANTS = {
    "batch": ("배치를 256으로", larger_batch),
    "schedule": ("배치 256에, 학습률을 코사인 곡선으로 줄이며 3에포크만", schedule),
}
