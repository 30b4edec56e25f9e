"""지어낸 영화평의 문법과 표, 공식 영화평 파일을 읽는 함수."""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import dlko
from dlko.data.sets import imdb, reviews
from dlko.data.spec import DataError
from scripts.make_reviews import (
    ANY,
    ASPECTS,
    JOSA,
    MOVIES,
    PEOPLE,
    SHARES,
    SHORT,
    TEST_SIZE,
    TRAIN_SIZE,
    WHOLE,
    WORDS,
    MadeUpReview,
    Noun,
    Predicate,
    final_of,
    make_reviews,
    make_table,
)

KNOWN_TRAIN_DIGEST = "ff8436cfe98cd167"


@pytest.fixture(scope="module")
def train() -> list[MadeUpReview]:
    return make_reviews("train", TRAIN_SIZE)


@pytest.fixture(scope="module")
def test() -> list[MadeUpReview]:
    return make_reviews("test", TEST_SIZE)


# --- 형태 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("연기:은", "연기는"),
        ("대사:이", "대사가"),
        ("결말:이", "결말이"),
        ("음악:을", "음악을"),
        ("배우들의 호흡:과", "배우들의 호흡과"),
        ("특수 효과:과", "특수 효과와"),
        ("이야기:도", "이야기도"),
    ],
)
def test_particles_follow_the_final_consonant(form: str, expected: str) -> None:
    noun, josa = form.split(":")
    assert format(Noun(noun), josa) == expected


def word(stem: str) -> Predicate:
    groups = [*ASPECTS.values(), ANY, WHOLE, SHORT]
    return next(p for pair in groups for side in pair for p in side if p.stem == stem)


@pytest.mark.parametrize(
    ("stem", "form", "style", "expected"),
    [
        ("좋", "끝", "다", "좋다"),
        ("좋", "끝", "요", "좋아요"),
        ("좋", "끝", "음", "좋음"),
        ("아름답", "끝", "요", "아름다워요"),
        ("아름답", "끝", "음", "아름다움"),
        ("아름답", "관", "다", "아름다운"),
        ("훌륭하", "끝", "요", "훌륭해요"),
        ("훌륭하", "서", "다", "훌륭해서"),
        ("재미있", "관", "다", "재미있는"),
        ("재미있", "끝", "음", "재미있음"),
        ("느리", "었끝", "음", "느렸음"),
        ("느리", "관", "다", "느린"),
        ("인상적이", "끝", "요", "인상적이에요"),
        ("인상적이", "다고", "다", "인상적이라고"),
        ("오글거리", "끝", "다", "오글거린다"),
        ("오글거리", "끝", "음", "오글거림"),
        ("오글거리", "다고", "다", "오글거린다고"),
        ("나쁘", "었지만", "다", "나빴지만"),
        ("세련되", "끝", "요", "세련돼요"),
        ("거칠", "끝", "음", "거침"),
    ],
)
def test_conjugation(stem: str, form: str, style: str, expected: str) -> None:
    predicate = word(stem)
    styled = Predicate(predicate.stem, predicate.past, predicate.modifier, predicate.plain, style)
    assert format(styled, form) == expected


def test_every_word_conjugates_in_every_form() -> None:
    forms = [
        "끝",
        "었끝",
        "지",
        "지만",
        "고",
        "었지만",
        "었고",
        "었는데",
        "는데",
        "서",
        "어도",
        "관",
        "다고",
        "다는",
    ]
    for good, bad in [*ASPECTS.values(), ANY, WHOLE, SHORT]:
        for predicate in good + bad:
            for style in "다요음":
                styled = Predicate(predicate.stem, predicate.past, predicate.modifier, predicate.plain, style)
                for form in forms:
                    assert re.fullmatch(r"[가-힣 ]+", format(styled, form))


# --- 지어낸 영화평 -----------------------------------------------------------------------------------------------


def test_at_least_six_thousand_different_reviews(train: list[MadeUpReview], test: list[MadeUpReview]) -> None:
    texts = {review.text for review in train + test}
    assert len(train) >= 6_000
    assert len(texts) == len(train) + len(test)


def test_train_and_test_share_no_frame(train: list[MadeUpReview], test: list[MadeUpReview]) -> None:
    def skeleton(frame: str) -> str:
        return re.sub(r"\{\w+", "{", frame.lstrip("+-")).replace(" ", "")

    assert not {skeleton(r.frame) for r in train} & {skeleton(r.frame) for r in test}
    assert {r.frame for r in train} == {f for frames in WORDS["train"].values() for f in frames}
    assert {r.frame for r in test} == {f for frames in WORDS["test"].values() for f in frames}


def test_labels_are_balanced_in_every_kind(train: list[MadeUpReview], test: list[MadeUpReview]) -> None:
    for part in (train, test):
        assert sum(review.label for review in part) * 2 == len(part)
        for kind in SHARES:
            labels = [review.label for review in part if review.kind == kind]
            assert len(labels) > 50
            assert 0.35 < np.mean(labels) < 0.65


def test_the_same_reviews_every_time(train: list[MadeUpReview]) -> None:
    assert make_reviews("train", 200) == make_reviews("train", 200)
    text = "\n".join(review.text for review in train)
    # 바뀌면 장의 합격선과 기록도 다시 재야 합니다.
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == KNOWN_TRAIN_DIGEST


def test_sentences_are_complete(train: list[MadeUpReview], test: list[MadeUpReview]) -> None:
    for review in train + test:
        assert re.fullmatch(r"[가-힣 .!~]+", review.text), review.text
        assert "  " not in review.text
        assert "아니어요" not in review.text
        sentences = [part.strip() for part in re.split(r"[.!~]+", review.text) if part.strip()]
        assert len(sentences) == len(set(sentences)), review.text


def test_particles_agree_everywhere(train: list[MadeUpReview], test: list[MadeUpReview]) -> None:
    nouns = sorted([*ASPECTS, *MOVIES, *PEOPLE], key=len, reverse=True)
    pattern = re.compile(rf"(?<![가-힣])({'|'.join(nouns)})(은|는|이|가|을|를|과|와)(?= )")
    seen: Counter[str] = Counter()
    for review in train + test:
        for noun, josa in pattern.findall(review.text):
            after_final, after_vowel = next(pair for pair in JOSA.values() if josa in pair)
            assert josa == (after_final if final_of(noun) else after_vowel), review.text
            seen[josa] += 1
    assert {"은", "는", "이", "가", "과", "와"} <= set(seen)


def test_order_decides_what_a_bag_of_words_cannot(test: list[MadeUpReview]) -> None:
    """'앞뒤' 글에는 낱말이 같고 정답이 반대인 짝을 만들 수 있습니다. 서술어 둘을 맞바꾸면 됩니다."""
    frame = "전편은 {mq:었끝}. 이번 편은 {mp:었끝}."
    assert frame in WORDS["train"]["앞뒤"]
    good, bad = word("감동적이"), word("지루하")
    praise, complaint = frame.format(mq=bad, mp=good), frame.format(mq=good, mp=bad)
    assert praise != complaint
    assert Counter(praise.split()) == Counter(complaint.split())


def test_bag_of_words_is_weak_where_order_decides(
    train: list[MadeUpReview], test: list[MadeUpReview]
) -> None:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    bag = CountVectorizer(token_pattern=r"\w+", binary=True)
    x_train = bag.fit_transform(review.text for review in train)
    model = LogisticRegression(max_iter=300).fit(x_train, [review.label for review in train])
    right = model.predict(bag.transform([r.text for r in test])) == [r.label for r in test]
    kinds = np.array([review.kind for review in test])
    assert right.mean() < 0.75
    assert right[kinds == "앞뒤"].mean() < 0.6
    assert right[kinds == "단순"].mean() > 0.8


def test_kinds(test: list[MadeUpReview]) -> None:
    kinds = dlko.review_kinds([test[0].text, "처음 보는 글"])
    assert list(kinds) == [test[0].kind, "20자까지"]


# --- 표와 공식 파일 -----------------------------------------------------------------------------------------------


def test_the_shipped_table_is_what_the_script_makes() -> None:
    header, *rows = make_table().rstrip("\n").split("\n")
    assert header.split("\t") == ["part", "kind", "label", "document"]
    assert [row.split("\t") for row in rows] == reviews._table()
    (x_train, y_train), (x_test, y_test) = reviews.load_made_up()
    assert (len(x_train), len(x_test)) == (TRAIN_SIZE, TEST_SIZE)
    assert {array.dtype for array in (x_train, x_test)} == {np.dtype(object)}
    assert {array.dtype for array in (y_train, y_test)} == {np.dtype(np.int64)}


def test_nsmc_is_read_as_it_is(tmp_path: Path) -> None:
    for part, text in (("train", '"좋다'), ("test", '"좋다"" ')):
        table = f"id\tdocument\tlabel\n1\t{text}\t1\n2\t별로\t0\n3\t\t1\n"
        (tmp_path / f"ratings_{part}.txt").write_text(table, encoding="utf-8")
    (x_train, y_train), (x_test, _) = reviews.read_nsmc({path.name: path for path in tmp_path.iterdir()})
    assert list(x_train) == ['"좋다', "별로"] and y_train.tolist() == [1, 0] and x_test[0] == '"좋다""'


def test_imdb_without_network_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLKO_DATA", "embedded")
    with pytest.raises(DataError, match="들어 있지 않습니다"):
        dlko.load_data("imdb")


def imdb_files(folder: Path, content: object) -> dict[str, Path]:
    arrays = {"x_train": content, "x_test": content, "y_train": np.array([0, 1]), "y_test": np.array([1, 0])}
    np.savez(folder / "imdb.npz", **arrays)  # type: ignore[arg-type]
    (folder / "imdb_word_index.json").write_text(json.dumps({"good": 1, "bad": 2, "movie": 3}))
    return {name: folder / name for name in ("imdb.npz", "imdb_word_index.json")}


def test_imdb_becomes_text_again(tmp_path: Path) -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [[2, 3], [1, 3, 9]]
    (texts, labels), _ = imdb.read_imdb(imdb_files(tmp_path, ragged))
    assert dict(zip(texts, labels, strict=True)) == {"bad movie": 0, "good movie ?": 1}


def test_imdb_file_cannot_run_code(tmp_path: Path) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (print, ("실행되었습니다",))

    paths = imdb_files(tmp_path, np.array([Harmful(), Harmful()], dtype=object))
    with pytest.raises(DataError, match="읽지 않습니다"):
        imdb.read_imdb(paths)


def test_record_says_where_it_comes_from() -> None:
    record = dlko.recorded("study/rnn/sentiment")
    (data,) = record["data"]
    assert {"data", "results", "versions", "device", "date", "command"} <= set(record)
    assert data["train"] >= 60_000
    assert data["test"] >= 10_000
    assert re.fullmatch(r"[0-9a-f]{64}", data["sha256"])


def test_record_supports_what_the_chapter_says() -> None:
    rows = dlko.recorded("study/rnn/sentiment")["results"]
    accuracy = {(row["method"], row["tokens"]): row["accuracy"] for row in rows}
    lstm, bag, average = (accuracy[name, "글자 묶음"] for name in ("LSTM", "주머니", "평균"))
    assert lstm >= 0.86
    assert abs(lstm - bag) < 0.02  # "차이는 작습니다"
    assert average > max(lstm, bag)  # "기록에서는 둘의 평균이 맨 위에 있습니다"
    (data,) = dlko.recorded("study/rnn/sentiment")["data"]
    spread = 1.96 * (average * (1 - average) / data["test"]) ** 0.5
    assert average - lstm < spread  # "LSTM과의 차이가 ±보다 작으므로"
    assert accuracy["LSTM", "형태소"] < lstm
    for name in ("LSTM", "주머니"):  # "모델보다 토큰이 더 크게 움직입니다"
        gain = accuracy[name, "글자 묶음"] - accuracy[name, "어절"]
        assert gain > abs(lstm - bag) * 3
        assert gain > 3 * spread  # "±보다 훨씬 크게 오릅니다"
