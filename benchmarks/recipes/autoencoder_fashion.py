"""autoencoder/fashion: 완전 연결층을 쌓은 오토인코더로 옷 사진 압축하기."""

import keras
from keras import layers

from benchmarks.quality import mean_squared_error


def recipe(data, watch, epochs=50, largest_rate=None, wide=False):
    (x_train, _), (x_test, _) = data
    x_train = x_train.reshape(-1, 784).astype("float32") / 255
    x_test = x_test.reshape(-1, 784).astype("float32") / 255

    if wide:
        hidden, code, loss = [layers.Dense(512, activation="gelu")], layers.Dense(32), "mse"
        back = [layers.Dense(512, activation="gelu")]
    else:
        hidden = [layers.Dense(width, activation="relu") for width in (128, 64)]
        code, loss = layers.Dense(32, activation="relu"), "binary_crossentropy"
        back = [layers.Dense(width, activation="relu") for width in (64, 128)]
    model = keras.Sequential(
        [keras.Input((784,)), *hidden, code, *back, layers.Dense(784, activation="sigmoid")]
    )
    rate = 1e-3
    if largest_rate:
        rate = keras.optimizers.schedules.CosineDecay(largest_rate, epochs * -(-len(x_train) // 256))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    watch.quality = lambda: mean_squared_error(model.predict(x_test, batch_size=1000, verbose=0), x_test)
    model.fit(x_train, x_train, epochs=epochs, batch_size=256, callbacks=[watch.callback()], verbose=0)


def schedule(data, watch):
    recipe(data, watch, epochs=15, largest_rate=3e-3)


def wide(data, watch):
    recipe(data, watch, epochs=4, largest_rate=3e-3, wide=True)


VARIANTS = {
    "schedule": ("학습률을 코사인 곡선으로 줄이며 15에포크만", schedule),
    "wide": ("거기에 넓은 층 하나, GELU, 평균 제곱 오차로 4에포크만", wide),
}
