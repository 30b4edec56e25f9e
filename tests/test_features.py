"""사진의 특성 꾸러미: 크기, 출처, 나눔, 4비트 적기."""

import numpy as np
import pytest

import dlko
from dlko.data import features
from dlko.data.photos import held_out_fifth

SETS = {"flowers": 5, "scenes": 6, "fruits": 15}


@pytest.mark.parametrize("name", SETS)
def test_pack_is_small_and_tells_its_source(name, capsys):
    (x_train, y_train), (x_test, y_test), names = dlko.load_features(name)
    line = capsys.readouterr().out
    about = dlko.about_features(name)
    assert line.count("\n") == 1 and "사진은 들어 있지 않습니다" in line and about["licence"] in line
    assert (features.FOLDER / f"{name}.npz").stat().st_size <= 900_000
    assert len(names) == SETS[name] == len(set(y_train)) == len(set(y_test))
    assert x_train.dtype == x_test.dtype == np.float32 and x_train.shape[1:] == x_test.shape[1:] == (1280,)
    assert x_train.min() == 0 and 3 < x_train.max() <= 6
    share = len(y_test) / (len(y_test) + len(y_train))
    assert abs(share - 0.2) < 0.005
    assert about["script"] == "scripts/make_feature_pack.py" and about["side"] and about["extractor"]


def test_flower_photographers_are_named():
    credits = dlko.about_features("flowers")["credits"]
    assert len(credits) > 1000 and "Irene Grassi" in credits


def test_stored_split_is_the_rule():
    """꾸러미의 테스트 세트는 파일의 해시로 정한 것과 같습니다. 짧은 해시로도 차례가 같습니다."""
    for name in SETS:
        pack = features._read(name)
        hashes = [row.tobytes().hex() for row in pack["hashes"]]
        assert len(set(hashes)) == len(hashes)
        assert np.array_equal(held_out_fifth(hashes, pack["labels"]), pack["test"])


def test_four_bits_keep_the_features():
    values = np.random.default_rng(0).gamma(0.5, 0.6, (51, 1280)).astype(np.float32).clip(0, 6)
    packed, top = features.pack_bits(values)
    assert packed.shape == (1280, 26) and packed.dtype == np.uint8
    back = features.unpack_bits(packed, top, 51)
    assert np.abs(back - values.clip(0, top)).max() <= top / 30 + 1e-6


def test_unknown_pack_is_a_sentence():
    with pytest.raises(dlko.DataError, match="flowers"):
        dlko.load_features("tulips")
