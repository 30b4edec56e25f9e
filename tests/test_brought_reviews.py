"""독자가 가져온 글의 표와, 그 글이 그림에 나올 때. 조용히 삼키거나 깨뜨리지 않습니다."""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

import dlko
from dlko.data import load
from dlko.data.own import read_reviews
from dlko.data.spec import DataError
from dlko.environment import use_korean_figures
from dlko.plots import drawable

HEAD = "id\tdocument\tlabel\n"
ROWS = "1\t좋다\t1\n2\t별로\t0\n"


def save(folder: Path, content: str | bytes, name: str = "내 글.tsv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


READABLE = {
    "긍정 이모지": (f"{HEAD}1\t👍🏽👍 좋다\t1\n2\tㅠㅠ 뷁\t0\n", ["👍🏽👍 좋다", "ㅠㅠ 뷁"]),
    "쉼표와 줄바꿈": (
        'id,document,label\n1,"좋다, 정말\n또 볼래",1\n2,별로,0\n',
        ["좋다, 정말\n또 볼래", "별로"],
    ),
    "낱말이 1로 끝나는 줄": ('id,document,label\n1,"별 1\n점수, 2",1\n2,별로,0\n', ["별 1\n점수, 2", "별로"]),
    "표시 없는 UTF-16": ((HEAD + ROWS).encode("utf-16-le"), ["좋다", "별로"]),
    "빅 엔디언": ((HEAD + ROWS).encode("utf-16-be"), ["좋다", "별로"]),
    "옛 맥의 줄바꿈": ((HEAD + ROWS).replace("\n", "\r"), ["좋다", "별로"]),
    "열의 차례가 다름": ("label\tid\tdocument\n1\t1\t좋다\n0\t2\t별로\n", ["좋다", "별로"]),
    "열이 더 있음": ("id\tdocument\tlabel\tdate\n1\t좋다\t1\t2021\n2\t별로\t0\t2022\n", ["좋다", "별로"]),
    "열 이름의 보이지 않는 글자": ("id\t\u200bdocument \tlabel\ufeff\n" + ROWS, ["좋다", "별로"]),
}


@pytest.mark.parametrize("name", READABLE)
def test_tables_that_are_read(name: str, tmp_path: Path) -> None:
    content, texts = READABLE[name]
    read, labels = read_reviews(save(tmp_path, content))
    assert list(read) == texts and labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    "blank",
    [
        "\u3164",
        "\u200b\ufeff",
        "\u00a0\u3000",
        "\u2800",
        "\u115f\u1160",
        "\u202a\u202c",
        "\u00ad\u2060",
        "\x7f",
    ],
)
def test_reviews_of_invisible_characters_are_empty(blank: str, tmp_path: Path, capsys) -> None:
    texts, _ = read_reviews(save(tmp_path, f"{HEAD}{ROWS}3\t{blank}\t1\n"))
    assert len(texts) == 2 and "본문이 빈 1줄을 뺐습니다" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        # 짝이 없는 따옴표가 다음 줄을 삼키면 글 하나와 정답 하나가 조용히 사라집니다.
        (f'{HEAD}1\t"좋다\t1\n2\t별로\t5\n3\t나쁘다"\t0\n4\t좋다\t1\n', "3째 줄.*'5'"),
        ('id,document,label\n1,"좋다,1\n2,별로,x,0\n3,나쁘다",0\n4,좋다,1\n', "3째 줄.*4개"),
        (f"{HEAD}1\t좋다\t긍정\n2\t별로\t부정\n", "2째 줄.*'긍정'"),
        (f"{HEAD}1\t좋다\t1\n2\t별로\t\n", "3째 줄.*''"),
        (f"{HEAD}1\t좋다\t1\n2\t별로\t-1\n", "3째 줄.*'-1'"),
        (f"{HEAD}1\t좋다\t1\n2\t별로\t0.5\n", "3째 줄.*'0.5'"),
        (b"PK\3\4" + bytes(50), "CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0" + bytes(50), "CSV UTF-8"),
        (b"%PDF-1.4", "PDF"),
        ((HEAD + ROWS * 20).encode()[:-30] + b"\xeb\n", r"UTF-8이 아닌 첫 글자는 \d+째 줄"),
    ],
)
def test_tables_that_are_refused(content: str | bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"내 글\.tsv.*{reason}"):
        read_reviews(save(tmp_path, content))


def test_the_same_reviews_in_both_tables_are_said(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(load, "_last_source", {})
    train, test = (
        save(tmp_path, HEAD + ROWS, "훈련.tsv"),
        save(tmp_path, f"{HEAD}1\t좋다\t1\n2\t처음\t0\n", "시험.tsv"),
    )
    dlko.load_data((train, test))
    assert "시험.tsv의 글 가운데 1가지가 훈련.tsv에도 있어" in capsys.readouterr().out


# --- 그림 속의 글 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("장미", "장미"),
        ("뷁햏", "ㅂㅞㄺㅎㅐㅎ"),
        ("\u110c\u1161\u11bc\u1106\u1175", "장미"),  # macOS가 풀어 적은 것
        ("ㅋㅋㅠ", "ㅋㅋㅠ"),
        ("👍", "[thumbs up sign]"),
        ("👍🏽", "[thumbs up sign]"),  # 피부색
        ("漢", "[U+6F22]"),
        ("가\u200b\ufeff나\x07", "가나"),
        ("가\t나", "가 나"),
        ("첫 줄\n둘째 줄", "첫 줄\n둘째 줄"),
        ("Ünïcode ♥ − ½", "Ünïcode ♥ − ½"),
    ],
)
def test_what_the_font_lacks_is_spelt_out(text: str, expected: str) -> None:
    assert drawable(text) == expected


def test_figures_have_no_empty_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_korean_figures()
    monkeypatch.setattr(plt, "show", lambda: plt.gcf().canvas.draw())
    names = ["뷁", "👩‍👩‍👧‍👦", "😡", "漢字", "\u1112\u1162", "ไทย"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dlko.plot_confusion(np.arange(6), np.arange(6), names)
        dlko.show_images(np.zeros((6, 4, 4), np.uint8), titles=names)
    plt.close("all")
