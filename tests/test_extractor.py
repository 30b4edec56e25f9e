"""전이 학습: 미리 훈련한 추출기, 사진 폴더 읽기, 기록."""

import errno
import hashlib
from pathlib import Path

import numpy as np
import pytest

import dlko
from dlko import models
from dlko.data import DataError, fetch, formats

FOLDER = Path(models.__file__).parent / "cifar10_extractor"


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("DLKO_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    hub = pytest.importorskip("tensorflow_hub")
    yield hub.load(dlko.extractor_path())
    patch.undo()


def test_extractor_is_small_and_card_tells_the_truth():
    content = (FOLDER / "savedmodel.tar.xz").read_bytes()
    card = dlko.model_card("cifar10_extractor")
    assert len(content) == card["bytes"] <= 2_000_000
    assert hashlib.sha256(content).hexdigest() == card["sha256"]
    assert card["stored_test_accuracy"] >= 0.88
    assert [row["epoch"] for row in card["log"]] == list(range(1, len(card["log"]) + 1))
    assert card["command"] and card["versions"] and card["data"]["sha256"]


def test_extractor_is_a_reusable_module(module):
    images = np.random.default_rng(0).random((3, 32, 32, 3), dtype=np.float32)
    features = module(images, training=False).numpy()
    assert features.shape == (3, 384) and features.dtype == np.float32 and np.isfinite(features).all()
    assert module(images[:, :20, :24], training=False).shape == (3, 384)  # 크기는 자유입니다.
    assert np.allclose(module(images[:1], training=False).numpy(), features[:1], atol=1e-4)
    assert module.classify(images).shape == (3, 10)
    assert [name.decode() for name in module.class_names().numpy()][:2] == ["비행기", "자동차"]
    assert {variable.dtype.name for variable in module.variables} == {"float32"}
    assert 0 < len(module.trainable_variables) < len(module.variables)
    assert list(module.regularization_losses) == []


def test_extractor_can_be_trained_and_restored(module):
    import tensorflow as tf

    images = tf.constant(np.random.default_rng(1).random((4, 32, 32, 3), dtype=np.float32))
    before = [variable.numpy() for variable in module.variables]
    frozen = module(images, training=False).numpy()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(module(images, training=True) ** 2)
    gradients = tape.gradient(loss, list(module.trainable_variables))
    assert all(gradient is not None for gradient in gradients)
    moved = [not np.array_equal(a, b.numpy()) for a, b in zip(before, module.variables, strict=True)]
    assert any(moved)  # training=True는 배치 정규화의 이동 평균을 고칩니다.
    for variable, gradient in zip(module.trainable_variables, gradients, strict=True):
        variable.assign_sub(1e-3 * gradient)  # 반정밀도라면 사라질 만큼 작은 걸음도 남아야 합니다.
    assert not np.allclose(module(images, training=False).numpy(), frozen)
    for variable, value in zip(module.variables, before, strict=True):
        variable.assign(value)
    assert np.array_equal(module(images, training=False).numpy(), frozen)


def test_extractor_path_is_made_once_and_survives_an_unwritable_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_CACHE_DIR", str(tmp_path / "캐시"))
    first = Path(dlko.extractor_path())
    assert first.is_relative_to(tmp_path) and (first / "saved_model.pb").is_file()
    stamp = first.stat().st_mtime_ns
    assert Path(dlko.extractor_path()) == first and first.stat().st_mtime_ns == stamp
    (tmp_path / "file").write_text("폴더가 아닙니다")
    monkeypatch.setenv("DLKO_CACHE_DIR", str(tmp_path / "file"))
    assert (Path(dlko.extractor_path()) / "saved_model.pb").is_file()


def test_a_damaged_extractor_is_unpacked_again(tmp_path, monkeypatch):
    monkeypatch.setenv("DLKO_CACHE_DIR", str(tmp_path))
    weights = next(Path(dlko.extractor_path()).rglob("variables.data*"))
    whole = weights.read_bytes()
    weights.write_bytes(whole[:1000])
    dlko.extractor_path()
    assert weights.read_bytes() == whole
    weights.unlink()
    dlko.extractor_path()
    assert weights.read_bytes() == whole


def test_a_full_disk_is_a_sentence_and_the_spare_folder_serves(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "writable_folders", lambda: iter([tmp_path / "가득", tmp_path / "남는"]))

    def full(archive, folder, **limits):
        if folder.is_relative_to(tmp_path / "가득"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return formats.unpack(archive, folder, **limits)

    monkeypatch.setattr(fetch, "unpack", full)
    assert Path(dlko.extractor_path()).is_relative_to(tmp_path / "남는")
    monkeypatch.setattr(fetch, "writable_folders", lambda: iter([tmp_path / "가득"]))
    with pytest.raises(DataError, match="디스크가 가득"):
        dlko.extractor_path()
    monkeypatch.setattr(fetch, "writable_folders", lambda: iter([]))
    with pytest.raises(DataError, match="DLKO_CACHE_DIR"):
        dlko.extractor_path()


def test_no_network_is_one_clear_sentence(monkeypatch, capsys):
    monkeypatch.setenv("DLKO_NETWORK", "off")
    assert dlko.can_reach("https://tfhub.dev/google/x") is False
    assert "tfhub.dev에 접속하지 않았습니다" in capsys.readouterr().out
    monkeypatch.delenv("DLKO_NETWORK")
    monkeypatch.setattr(models.socket, "create_connection", lambda *_: (_ for _ in ()).throw(OSError("없음")))
    assert dlko.can_reach("https://tfhub.dev/google/x") is False
    assert capsys.readouterr().out.count("\n") == 1


def test_a_server_that_never_answers_does_not_hang(monkeypatch, capsys):
    import time

    monkeypatch.delenv("DLKO_NETWORK", raising=False)
    monkeypatch.setattr(models.socket, "create_connection", lambda *_: time.sleep(1.5))
    start = time.monotonic()
    assert dlko.can_reach("https://tfhub.dev/google/x", seconds=0.2) is False
    assert time.monotonic() - start < 1.2 and "닿지 못했습니다" in capsys.readouterr().out


# --- 기록 --------------------------------------------------------------------------------------------------------


def test_recorded_flowers_are_complete():
    record = dlko.recorded("study/transfer/hub_flowers")
    assert record["extractor"] == dlko.model_card("cifar10_extractor")["sha256"], (
        "추출기를 바꾸면 다시 기록하세요."
    )
    rows = record["results"]
    mean = {
        (method, shots): np.mean(
            [r["accuracy"] for r in rows if (r["method"], r["shots"]) == (method, shots)]
        )
        for method in ("처음부터", "동결", "미세 조정")
        for shots in (10, 20, 50, "모두")
    }
    assert not any(np.isnan(value) for value in mean.values())
    # 장의 글이 이 기록을 두고 하는 말들입니다. 다시 기록해 달라지면 글도 고쳐야 합니다.
    for shots in (10, 20, 50):
        assert abs(mean["동결", shots] - mean["처음부터", shots]) < 0.03
        times = [row["seconds"] for row in rows if row["shots"] == shots]
        assert max(times) > 20 > 10 * min(times)
        frozen = [row["seconds"] for row in rows if (row["method"], row["shots"]) == ("동결", shots)]
        assert max(frozen) < 1  # "1초도 안 되어"는 쉰 장까지의 이야기입니다.
    for shots in (10, 20, 50, "모두"):
        assert mean["미세 조정", shots] > mean["처음부터", shots] + 0.02
    assert mean["미세 조정", "모두"] > mean["처음부터", "모두"] + 0.04 > mean["동결", "모두"] + 0.04
