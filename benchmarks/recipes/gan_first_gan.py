"""gan/first_gan: train_on_batch를 번갈아 부르는 첫 GAN."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from benchmarks.quality import frechet_to_test


def build():
    generator = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(64, activation="selu"),
            layers.Dense(128, activation="selu"),
            layers.Dense(784, activation="sigmoid"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(128, activation="selu"),
            layers.Dense(64, activation="selu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    return generator, discriminator


def recipe(data, watch):
    (x_train, _), (x_test, _) = data
    x_train = x_train.reshape(-1, 784).astype("float32") / 255
    generator, discriminator = build()
    discriminator.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss="binary_crossentropy")
    discriminator.trainable = False  # 아래의 gan을 훈련할 때는 생성자만 배웁니다.
    gan = keras.Sequential([keras.Input((32,)), generator, discriminator])
    gan.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss="binary_crossentropy")

    rng = np.random.default_rng(np.random.randint(2**31))

    def noise(count):
        return rng.standard_normal((count, 32)).astype("float32")

    watch.quality = lambda: frechet_to_test(
        generator.predict(noise(5000), batch_size=1000, verbose=0), x_test
    )
    half_and_half = np.concatenate([np.zeros((128, 1)), np.ones((128, 1))]).astype("float32")
    real_label = np.ones((128, 1), "float32")
    for _ in range(20):
        order = rng.permutation(len(x_train))
        for start in range(0, len(order) - 127, 128):
            real = x_train[order[start : start + 128]]
            fake = generator(noise(128)).numpy()
            discriminator.trainable = True
            discriminator.train_on_batch(np.concatenate([fake, real]), half_and_half)
            discriminator.trainable = False
            gan.train_on_batch(noise(128), real_label)
            watch.step()
        watch.check()


def graph(data, watch):
    """같은 두 네트워크와 옵티마이저. 두 업데이트를 계산 그래프 하나로 엮습니다."""
    (x_train, _), (x_test, _) = data
    x_train = x_train.reshape(-1, 784).astype("float32") / 255
    generator, discriminator = build()
    optimizers = [keras.optimizers.RMSprop(1e-3) for _ in range(2)]
    for optimizer, model in zip(optimizers, (discriminator, generator), strict=True):
        optimizer.build(model.trainable_variables)
    entropy = keras.losses.BinaryCrossentropy()
    half_and_half = tf.concat([tf.zeros((128, 1)), tf.ones((128, 1))], axis=0)

    def update(model, optimizer, loss):
        variables = model.trainable_variables
        with tf.GradientTape() as tape:
            value = loss()
        optimizer.apply(tape.gradient(value, variables), variables)

    @tf.function
    def step(real):
        both = tf.concat([generator(tf.random.normal((128, 32))), real], axis=0)
        update(discriminator, optimizers[0], lambda: entropy(half_and_half, discriminator(both)))
        noise = tf.random.normal((128, 32))
        update(generator, optimizers[1], lambda: entropy(tf.ones((128, 1)), discriminator(generator(noise))))

    def samples():
        return generator.predict(keras.random.normal((5000, 32)), batch_size=1000, verbose=0)

    watch.quality = lambda: frechet_to_test(samples(), x_test)
    for _ in range(20):
        order = np.random.permutation(len(x_train))
        for start in range(0, len(order) - 127, 128):
            step(x_train[order[start : start + 128]])
            watch.step()
        watch.check()


VARIANTS = {"graph": ("두 업데이트를 계산 그래프 하나로", graph)}
