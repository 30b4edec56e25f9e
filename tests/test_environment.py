"""그림 글꼴, 프로필, 합격선."""

import json
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation

import dlko
from dlko import environment


def test_korean_figure_has_no_missing_glyph(tmp_path):
    environment.use_korean_figures()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, axis = plt.subplots()
        axis.plot([-1, 1], [-2, 2])
        axis.set(title="합성곱 − 값 ≤ 3×3 → ‘특성 맵’", xlabel="에포크", ylabel="손실 ①")
        figure.savefig(tmp_path / "figure.png")
    plt.close(figure)


@pytest.mark.parametrize("size", [None, 0, 221_372])
def test_a_broken_figure_font_says_what_to_do(monkeypatch, tmp_path, size):
    broken = tmp_path / "broken.ttf"
    if size is not None:
        broken.write_bytes(environment.FONT_FILE.read_bytes()[:size])
    monkeypatch.setattr(environment, "FONT_FILE", broken)
    with pytest.raises(RuntimeError, match=r"글꼴이 없거나 상했습니다[\s\S]*git checkout"):
        environment.use_korean_figures()


def test_figure_font_holds_every_common_syllable():
    from fontTools.ttLib import TTFont

    glyphs = TTFont(environment.FONT_FILE).getBestCmap()
    rows = (bytes([high, low]) for high in range(0xB0, 0xC9) for low in range(0xA1, 0xFF))
    missing = [c for c in (row.decode("euc-kr") for row in rows) if ord(c) not in glyphs]
    assert missing == []


def test_figure_font_does_not_use_the_reserved_name():
    from fontTools.ttLib import TTFont

    names = [n.toUnicode() for n in TTFont(environment.FONT_FILE)["name"].names if n.nameID in (1, 4, 6, 16)]
    assert names
    assert not any("Pretendard" in name for name in names)


@pytest.mark.parametrize(("value", "expected"), [("quick", 3), ("full", 12)])
def test_pick_follows_the_profile(monkeypatch, value, expected):
    monkeypatch.setenv("DLKO_PROFILE", value)
    assert dlko.pick(quick=3, full=12) == expected


def test_unknown_profile_is_refused(monkeypatch):
    monkeypatch.setenv("DLKO_PROFILE", "fast")
    with pytest.raises(ValueError, match="quick이나 full"):
        dlko.profile()


@pytest.mark.parametrize(
    ("value", "floor", "lower_is_better", "passes"),
    [
        (0.9, 0.9, False, True),
        (0.8999, 0.9, False, False),
        (0.1, 0.1, True, True),
        (0.11, 0.1, True, False),
        (float("nan"), 0.5, False, False),
        (float("nan"), 0.5, True, False),
    ],
)
def test_check_floor(capsys, value, floor, lower_is_better, passes):
    if passes:
        dlko.check_floor("정확도", value, floor, lower_is_better=lower_is_better)
        assert capsys.readouterr().out == "합격: 정확도\n"
    else:
        with pytest.raises(AssertionError, match="불합격: 정확도"):
            dlko.check_floor("정확도", value, floor, lower_is_better=lower_is_better)


def test_check_floor_is_recorded_once_even_when_it_fails(monkeypatch, tmp_path):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    for _ in range(2):
        with pytest.raises(AssertionError):
            dlko.check_floor("정확도", 0.5, 0.9)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report == {"quality": [{"name": "정확도", "value": 0.5, "floor": 0.9, "lower_is_better": False}]}


def test_note_data_is_printed_and_recorded(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DLKO_OUT", str(tmp_path))
    dlko.note_data("사진 두 장. 사용 허가: CC BY 2.0")
    assert capsys.readouterr().out == "데이터: 사진 두 장. 사용 허가: CC BY 2.0\n"
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["data"][0]["line"] == "데이터: 사진 두 장. 사용 허가: CC BY 2.0"


def test_show_images_refuses_wrong_shapes():
    with pytest.raises(ValueError, match="모양"):
        dlko.show_images(np.zeros((28, 28)))
    with pytest.raises(ValueError, match="제목은 1개"):
        dlko.show_images(np.zeros((2, 8, 8)), titles=["하나"])


def test_confusion_counts_rows_as_truth(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: None)
    dlko.plot_confusion([0, 0, 1], [1, 1, 1], ["가", "나"])
    texts = {(t.get_position()): t.get_text() for t in plt.gca().texts}
    plt.close("all")
    assert texts == {(1, 0): "2", (1, 1): "1"}


def test_history_shows_validation_beside_training(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: None)
    dlko.plot_history({"loss": [1.0, 0.5], "val_loss": [1.1, 0.9], "learning_rate": [0.1, 0.1]})
    assert [line.get_label() for line in plt.gca().lines] == ["훈련", "검증"]
    assert len(plt.gcf().axes) == 1
    plt.close("all")


def test_animation_is_shown_as_gif(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    figure, axis = plt.subplots(figsize=(1, 1))
    (dot,) = axis.plot([0], [0], "o")
    dlko.show_animation(FuncAnimation(figure, lambda i: dot.set_data([i], [i]), frames=3))
    assert shown[0].data[:6] == b"GIF89a"
