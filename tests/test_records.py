"""미리 재어 둔 기록(src/dlko/records): 어느 것이나 출처를 같은 꼴로 적는지, 읽는 장이 있는지, 다시 만들 수 있는지."""

import ast
import contextlib
import datetime
import itertools
import json
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator

import pytest
from toy import code, missing_names

from course import cache, execute, full, record
from course.bootstrap import ROOT, Stop
from course.cache_key import data_names
from course.kernel import brought_file
from course.notebooks import chapters, code_cells, find
from course.provenance import KINDS, read_record
from dlko.records import FOLDER, command, recorded

NAMES = sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.json"))
FASHION = "ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f"  # 공식 Fashion-MNIST의 내용
PROVENANCE = {"data", "profile", "device", "processor", "versions", "date", "commit"}


def stored(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_every_record_has_one_form_of_provenance(name: str) -> None:
    kind, _, chapter = name.partition("/")
    made = stored(name)
    assert kind in KINDS and find(chapter), "그런 장이 없습니다. 기록을 지우세요."
    assert set(made) >= PROVENANCE
    # 이름과 명령은 파일의 위치가 말합니다.
    assert not {"chapter", "title", "command", "machine", "solutions"} & set(made)
    assert chapter not in json.dumps(made, ensure_ascii=False)
    assert made["profile"] in ("quick", "full") and made["device"]
    assert set(made["versions"]) == {"Python", "Keras", "TensorFlow"}
    datetime.date.fromisoformat(made["date"])
    for entry in made["data"]:
        assert {"name", "source", "sha256"} <= set(entry) and (entry.get("title") or entry["line"])
        assert re.fullmatch(r"[0-9a-f]{64}|", entry["sha256"])
        if (entry["name"], entry["source"]) == ("fashion", "official"):
            assert entry["sha256"] == FASHION


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("study/")])
def test_study_is_read_by_a_chapter(name: str) -> None:
    call = f'recorded("{name}")'
    readers = [c.name for c in chapters() if any(call in cell.source for cell in c.read().cells)]
    assert readers, f"{name}: 어느 장도 읽지 않는 기록입니다. src/dlko/records에서 지우세요."


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("full/")])
def test_long_run_is_of_the_chapter_as_it_is(name: str) -> None:
    """합격선의 이름이나 쓰는 데이터가 바뀌었는데 낡은 긴 실행을 보이는 일이 없게 합니다."""
    made, chapter = stored(name), find(name.removeprefix("full/"))
    sources = [cell.source for cell in code_cells(chapter.read())]
    shapes = "|".join(shape for source in sources for shape in texts_in(source))
    assert [q["name"] for q in made["quality"] if not re.fullmatch(shapes, q["name"])] == []
    used = {entry["name"].removesuffix("_features") for entry in made["data"]}
    assert set(data_names(sources)) - {""} <= used


def texts_in(source: str) -> Iterator[str]:
    """코드에 적힌 글의 정규식. f-문자열에서 값이 들어가는 자리는 `.+`입니다."""
    with contextlib.suppress(SyntaxError):  # %%writefile 같은 줄로 시작하는 칸
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
                yield re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in node.values]
                if len("".join(parts).replace(".+", "").strip()) > 1:
                    yield "".join(parts)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("study/")])
def test_the_code_of_a_record_can_be_found(name: str) -> None:
    if not shutil.which("git") or git("rev-parse", "--is-shallow-repository") != "false":
        pytest.skip("커밋을 다 가진 git 저장소가 아닙니다.")
    commit = stored(name)["commit"].removesuffix("+")  # '+'는 커밋하지 않은 변경이 있었다는 표시
    assert git("merge-base", commit, "HEAD") == git("rev-parse", commit), f"main에 없는 커밋: {commit}"


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "?"


def test_same_race_shows_one_number_everywhere() -> None:
    """장과 속도 비교 쪽이 같은 기록을 읽습니다."""
    chapter = find("autoencoder/fashion")
    source = "\n".join(cell.source for cell in code_cells(chapter.read()))
    assert f'dlko.recorded("bench/{chapter.name}")' in source and "race['ratio']" in source
    assert "ratio" not in stored(f"study/{chapter.name}")


def test_command_is_told_by_the_place_and_the_data() -> None:
    own = {"data": [{"source": "user"}]}
    assert command("study/a/b", {"data": []}) == "python -m course record a/b"
    assert command("bench/a/b", own) == "DLKO_DATA_DIR=가져온_폴더 python -m course bench a/b"
    assert recorded("full/cnn/digits")["command"] == "python -m course full cnn/digits"


@pytest.mark.parametrize("chapter", record.recordable(), ids=lambda c: c.name)
def test_study_fits_its_notebook(chapter) -> None:
    made, cells = record.load(chapter), code_cells(chapter.read())
    run = [cell for cell in cells if cell.id in made.CELLS]
    assert len(run) == len(made.CELLS), "없어진 칸이 CELLS에 있습니다."
    assert not missing_names(run, cells), "이 이름을 만드는 칸도 CELLS에 적으세요."
    assert made.__doc__ and callable(made.summarize) and (not made.PIECES or callable(made.measure))


ROOM = """
from pathlib import Path

CELLS = ("one",)
PIECES = ("가", "나")

def measure(v, piece):
    log = Path(v["LOG"])
    log.write_text(log.read_text() + piece)
    if piece == "나" and log.read_text() == "가나":
        raise ValueError("멈춤")
    return v["x"]

def summarize(v, pieces):
    return {"data": {"title": "점"}, "results": pieces}
"""
NOTEBOOK = """
from dlko.checks import check_floor, note_data, record
x = 3
LOG = {log!r}
record("run", {{"profile": "full", "device": "CPU", "versions": {{}}}})
note_data("점 셋")
"""


def test_long_runs_are_recorded_and_leave_the_book_alone(chapter, room, monkeypatch, tmp_path) -> None:
    log = tmp_path / "log"
    log.write_text("")
    room("record.py", ROOM)
    toy = chapter(code(NOTEBOOK.format(log=str(log)), "one"), code("y = x", "two"))
    for module in (full, record):
        monkeypatch.setattr(module, "BUILD", tmp_path / "build")
    monkeypatch.setattr(record, "chapters", lambda: [toy])
    cache.execute_all([toy], workers=1)
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in cache.ARTIFACTS.rglob("*") if p.is_file()}
    assert before
    full.record_full_runs("part/toy")
    execute.run_alone("part/toy")
    with pytest.raises(Stop, match=r"chapters/part/toy/record.py: 나에서 실패했습니다[\s\S]*멈춤"):
        record.record("part/toy")
    record.record("part/toy")
    assert log.read_text() == "가나나"  # 끝낸 조각은 다시 실행하지 않습니다.
    made = read_record("study", "part/toy")
    assert made["results"] == {"가": 3, "나": 3} and made["commit"] == "abc"
    assert made["data"][0]["title"] == "점" and "점 셋" in made["data"][0]["line"]
    long = read_record("full", "part/toy")
    assert set(long) >= PROVENANCE and long["seconds"] > 0
    after = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in cache.ARTIFACTS.rglob("*") if p.is_file()}
    assert after == before


def test_chapter_without_a_study_is_one_sentence() -> None:
    with pytest.raises(Stop, match="기록하는 실험이 있는 장을 고르세요"):
        record.record("part/none")


def test_brought_file_is_found_or_asked_for_in_a_sentence(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("DLKO_DATA_DIR", raising=False)
    with pytest.raises(FileNotFoundError, match=r"DLKO_DATA_DIR.*scenes\*\.zip"):
        brought_file("scenes*.zip")
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError):
        brought_file("scenes*.zip")
    for name in ("scenes_b.zip", "scenes_a.zip", "other.zip"):
        (tmp_path / name).touch()
    assert brought_file("scenes*.zip") == tmp_path / "scenes_a.zip"


def test_first_gan_record_shows_what_the_chapter_says() -> None:
    """첫 GAN 장의 글: 드롭아웃을 빼면 오래 훈련했을 때는 늘 몇 배, 짧은 훈련에서는 출발점에 따라 훨씬 나쁘다."""
    rows = {row["name"]: row for row in stored("study/gan/first_gan")["results"]}
    runs = {name: [run["frechet"] for run in row["runs"]] for name, row in rows.items()}
    for name, each in runs.items():
        assert len(each) == 3 and rows[name]["frechet"] == statistics.median(each)
    full, quick = runs["이 장의 방법, full"], runs["이 장의 방법, quick"]
    assert list(runs)[:2] == ["이 장의 방법, full", "full에서 드롭아웃을 뺌"]
    assert min(runs["full에서 드롭아웃을 뺌"]) > 2 * max(full)
    without = runs["quick에서 드롭아웃을 뺌"]
    assert min(without) < 1.05 * max(quick) and max(without) > 1.4 * max(quick)
    large = runs["quick에서 작은 출발점을 뺌"]
    assert min(quick) < min(large) < max(quick) < statistics.median(large)
    usual = stored("bench/gan/first_gan")
    ends = sorted(run["curve"][-1][1] for run in usual["runs"] if run["side"] == "recipe")
    assert ends[0] < min(quick) and ends[1] > 1.4 * max(quick)  # '출발점 하나는 … 나머지 둘은 훨씬'
    assert (usual["runs"][0]["side"], usual["runs"][0]["steps"]) == ("recipe", 9360)


def test_vae_record_shows_what_the_chapter_says() -> None:
    """변이형 오토인코더 장이 기록을 풀이한 순위. 범위가 겹치지 않아야 합니다."""
    runs: dict[str, list[dict]] = {}
    for row in stored("study/autoencoder/vae")["results"]:
        runs.setdefault(row["name"], []).append(row)

    def ordered(*steps: tuple[str, str]) -> bool:
        values = [[row[key] for row in runs[name]] for name, key in steps]
        return all(max(a) < min(b) for a, b in itertools.pairwise(values))

    assert all(len(runs[name]) == 3 for name in ("오토인코더", "VAE", "2차원 VAE"))
    assert all("elbo" not in row for row in runs["오토인코더"])
    assert all(ordered(("VAE", "elbo"), (name, "elbo")) for name in ("2차원 VAE", "선형 디코더", "KL을 평균"))
    assert ordered(("오토인코더", "mixture"), ("VAE", "mixture"), ("VAE", "prior"))
    assert ordered(("VAE", "prior"), ("KL을 평균", "prior")) and ordered(
        ("KL을 평균", "mixture"), ("VAE", "mixture")
    )
    assert [row["active"] for row in runs["재구성을 평균"]] == [0]
    vae, (softer,) = runs["VAE"], runs["β=4"]
    assert softer["elbo"] > max(row["elbo"] for row in vae)
    assert min(row["prior"] for row in vae) < softer["prior"] < max(row["prior"] for row in vae)
    # 두 GAN의 가장 나은 값보다 작습니다. 같은 장수끼리 견줍니다.
    dense = min(run["frechet"] for row in stored("study/gan/first_gan")["results"] for run in row["runs"])
    conv = min(c["distance"] for row in stored("study/gan/losses")["results"] for c in row["checks"])
    for name in ("오토인코더", "VAE"):
        assert all(row["mixture_5000"] < dense and row["mixture"] < conv for row in runs[name])
    assert all(row["prior_5000"] > dense and row["prior"] > conv for row in runs["VAE"])


def test_translation_record_shows_what_the_chapter_says() -> None:
    """스케치를 사진으로 장이 기록을 풀이한 것. 출발점을 바꾼 범위로 말합니다."""
    runs: dict[str, list[dict]] = {}
    for row in stored("study/gan/translation")["results"]:
        runs.setdefault(row["name"], []).append(row)
    assert all(len(made) == 3 for made in runs.values())
    assert min(row["accuracy"] for row in runs["조건부 GAN"]) > 0.8
    paired, cycle = runs["L1 + GAN"], runs["CycleGAN"]
    assert all(row["noise"] < 0.3 * row["l1"] for row in runs["L1만"] + paired)  # 잡음을 거의 무시합니다
    assert min(row["l1"] for row in cycle) > 1.5 * max(row["l1"] for row in paired)
    assert max(row["cycle_line"] for row in cycle) < 0.5 * min(row["l1"] for row in cycle)
    # cycle-says: 사진에서 떠나 돌아오는 절반의 차이가 더 크고, 그림에 실은 첫 출발점이 가장 나쁩니다.
    assert all(row["cycle_photo"] > row["cycle_line"] for row in cycle)
    assert cycle[0]["l1"] == max(row["l1"] for row in cycle)
    # record-pix2pix-says: 같은 출발점끼리 짝지으면 세 번 모두 같은 쪽입니다.
    for only, with_gan in zip(runs["L1만"], paired, strict=True):
        assert only["seed"] == with_gan["seed"]
        assert with_gan["distance"] < only["distance"] and with_gan["l1"] > only["l1"]


def test_boltzmann_record_shows_what_the_chapter_says() -> None:
    """제한 볼츠만 머신 장이 기록을 풀이한 말."""
    rows: dict[str, list[dict]] = {}
    for row in stored("study/beyond/boltzmann")["results"]:
        rows.setdefault(row["kind"], []).append(row)
    # 재구성 오차가 줄었는데 로그 가능도가 떨어진 구간은 학습률을 그대로 둔 PCD에서 시작마다 나옵니다.
    fooled = {}
    for row in rows["likelihood"]:
        for name, curve in row["curves"].items():
            steps = zip(
                itertools.pairwise(curve["likelihood"]), itertools.pairwise(curve["error"]), strict=True
            )
            found = sum(after < before - 0.3 and less < more for (before, after), (more, less) in steps)
            fooled.setdefault(name, []).append(found)
            assert curve["likelihood"][-1] > curve["likelihood"][0] + 3
    assert len(fooled["PCD"]) == 5 and min(fooled["PCD"]) > 0
    last = {
        (name, key): [row["curves"][name][key][-1] for row in rows["likelihood"]]
        for name in fooled
        for key in ("likelihood", "error")
    }
    others = ("PCD", "PCD, 학습률 줄이기")
    assert all(max(last["CD-1", "error"]) < min(last[name, "error"]) for name in others)
    faded = last["PCD, 학습률 줄이기", "likelihood"]
    assert min(last["CD-1", "likelihood"]) < max(faded) and min(faded) < max(last["CD-1", "likelihood"])
    # 재구성 오차는 비슷한데 만든 숫자는 다릅니다.
    for row in rows["dbn"]:
        close, varied = row["dreams"]["CD-1"], row["dreams"]["PCD"]
        assert abs(close["error"] / varied["error"] - 1) < 0.1
        assert close["share"] > varied["share"] and close["kinds"] < varied["kinds"]
        ends = {name: curve[-1] for name, curve in row["errors"].items()}
        assert ends["오토인코더(SiLU), 처음부터"] < ends["PCA"] < ends["쌓기만 한 DBN"] / 2
        # 라벨 100개. 학습률마다의 값 가운데 낮은 것끼리, 높은 것끼리 견주어도 차례가 같습니다.
        tests: dict[str, list[float]] = {}
        for score in row["labels"]:
            tests.setdefault(score["name"], []).append(score["test"])
        rival = max(tests["ReLU와 Adam, 처음부터"])
        assert min(tests["시그모이드와 SGD, DBN에서"]) > rival > max(tests["ReLU와 Adam, DBN에서"])
        assert min(tests["로지스틱 회귀, 첫 벽돌의 특성"]) > rival
    # 정답이 모두 있을 때
    for row in rows["deep"]:
        last = {name: curve[-1] for name, curve in row["deep"].items()}
        assert last["시그모이드와 SGD, 처음부터"] < 0.2
        assert min(last["시그모이드와 SGD, DBN에서"], last["시그모이드와 Adam, 처음부터"]) > 0.9
        assert last["ReLU와 Adam, 처음부터"] > last["시그모이드와 SGD, DBN에서"] - 0.01
    # scikit-learn의 예제
    (example,) = rows["example"]
    values = {
        (before, name): [row[name] for row in example["splits"] if row["before"] is before]
        for before in (True, False)
        for name in ("로지스틱 회귀, 픽셀", "로지스틱 회귀, RBM의 특성", "1-최근접 이웃, 픽셀")
    }
    assert min(values[True, "로지스틱 회귀, RBM의 특성"]) > max(values[False, "로지스틱 회귀, RBM의 특성"])
    for before in (True, False):
        assert min(values[before, "로지스틱 회귀, RBM의 특성"]) > max(values[before, "로지스틱 회귀, 픽셀"])
        assert min(values[before, "1-최근접 이웃, 픽셀"]) > max(values[before, "로지스틱 회귀, RBM의 특성"])


def test_lenet_record_splits_the_share_of_shifting_and_dividing() -> None:
    """LeNet: 평균을 빼는 몫과 표준편차로 나누는 몫이 따로 있고, 어느 학습률에서나 나누는 몫이 더 크다."""
    ways = stored("study/cnn/lenet")["ways"]
    shares = []
    for plans in zip(*ways.values(), strict=True):
        raw, shifted, divided, both = ([run["loss"] for run in plan["runs"]] for plan in plans)
        shifting = [a - b for a, b in zip(shifted + both, raw + divided, strict=True)]
        dividing = [a - b for a, b in zip(divided + both, raw + shifted, strict=True)]
        assert len(shifting) == 12 and max(dividing) < 0  # '짝마다 빠짐없이'
        assert sum(share < 0 for share in shifting) >= 9  # '대부분의 짝에서'
        means = statistics.mean(shifting), statistics.mean(dividing)
        assert means[1] < means[0] < 0
        shares.append((plans[0]["rate"], plans[0]["epochs"], *means))
    once = sorted(share for share in shares if share[1] == 1)
    assert once[0][3] < once[1][3] < once[2][3]  # 학습률이 클수록 나누는 몫이 작습니다
    (longer,) = [share for share in shares if share[1] > 1]
    shorter = next(share for share in once if share[0] == longer[0])
    assert longer[2] > shorter[2] and longer[3] > shorter[3]  # 에포크가 늘면 두 몫 모두 줄어듭니다


def test_lenet_record_shows_that_the_cures_only_delay_overfitting() -> None:
    """LeNet: 약을 써도 검증 손실은 다시 오른다. 드롭아웃은 바닥을 늦추고, 어느 약도 바닥의 점수를 뚜렷하게 올리지 못한다."""
    cures = stored("study/cnn/lenet")["cures"]

    def scores(name: str, when: str, key: str) -> list[float]:
        return [run[when][key] for run in cures[name]]

    bottoms = {}
    for name, runs in cures.items():
        assert len(runs) == 5
        curves = [run["curves"]["val_loss"] for run in runs]
        assert all(curve[-1] > 1.4 * min(curve) for curve in curves)  # '결국 올라갑니다'
        bottoms[name] = [curve.index(min(curve)) + 1 for curve in curves]
    slow, fast = ("드롭아웃", "드롭아웃과 뒤집기"), ("그대로", "뒤집기")
    assert min(min(bottoms[name]) for name in slow) > max(max(bottoms[name]) for name in fast)
    for name in cures.keys() - {"그대로"}:  # '뚜렷하게 낮춘(올린) 약은 없습니다'
        for when, key, sign in (("best", "loss", -1), ("best", "accuracy", 1), ("last", "accuracy", 1)):
            plain, cured = scores("그대로", when, key), scores(name, when, key)
            better = sign * (statistics.mean(cured) - statistics.mean(plain))
            assert better < max(statistics.stdev(plain), statistics.stdev(cured)), (name, when, key)
    last = {name: scores(name, "last", "loss") for name in cures}
    both = last.pop("드롭아웃과 뒤집기")
    assert max(both) < min(min(losses) for losses in last.values())
    assert all(
        statistics.mean(last[name]) >= statistics.mean(last["그대로"]) for name in ("드롭아웃", "뒤집기")
    )
    plain = zip(scores("그대로", "best", "accuracy"), scores("그대로", "last", "accuracy"), strict=True)
    assert all(bottom < end for bottom, end in plain)


def test_architectures_record_shows_what_the_chapter_says() -> None:
    """AlexNet에서 ResNet까지: 기울기가 멀쩡한 둘 가운데 스킵 연결이 있는 쪽의 손실이 다섯 번 모두 낮다."""
    made = stored("study/cnn/architectures")
    runs = {entry["kind"]: entry["runs"] for entry in made["deep"]}
    plain, residual = runs["평범 + 정규화"], runs["잔차 + 정규화"]
    assert max(run["losses"][-1] for run in residual) < min(run["losses"][-1] for run in plain)
    search = {entry["kind"]: [loss for _, loss in entry["search"]] for entry in made["deep"]}
    pairs = zip(search["평범 + 정규화"], search["잔차 + 정규화"], strict=True)
    assert all(without > with_skip for without, with_skip in pairs)  # '훑은 학습률 모두에서'
    assert len(plain) == len(residual) == 5
    assert all(run["norms"][0] > run["norms"][-1] for run in plain), "평범 + 정규화의 기울기가 사라졌습니다."
    nets = {net["name"]: net for net in made["nets"]}
    assert max(nets.values(), key=lambda net: net["parameters"])["name"] == "AlexNet(2012)"
    scores = {net["name"]: [run["accuracy"] for run in net["runs"]] for net in made["nets"] + made["parts"]}
    assert max(scores["AlexNet(2012)"]) < min(min(scores[name]) for name in nets if name != "AlexNet(2012)")
    assert min(scores["ResNet(2015)"]) > max(max(scores[name]) for name in nets if name != "ResNet(2015)")
    three = [scores[name] for name in ("LeNet(1998)", "VGG(2014)", "Inception(2014)")]
    assert max(map(min, three)) < min(map(max, three)), "셋의 막대가 겹치지 않습니다."

    def gains(after: str, before: str) -> list[float]:
        return [a - b for a, b in zip(scores[after], scores[before], strict=False)]

    assert min(gains("VGG, 5×5 한 층씩", "VGG(2014)")) > 0
    assert min(gains("Inception + 보조 머리", "Inception(2014)")) > 0
    assert min(gains("AlexNet, 증강 없이", "AlexNet(2012)")) > 0
    assert min(gains("AlexNet, 증강도 드롭아웃도 없이", "AlexNet, 증강 없이")) > 0
    cost = {net["name"]: min(run["seconds"] for run in net["runs"]) for net in made["nets"] + made["parts"]}
    sums = {net["name"]: net["multiply_adds"] for net in made["nets"] + made["parts"]}
    assert sorted(nets, key=sums.__getitem__) == sorted(nets, key=cost.__getitem__)
    usual, mobile, vit = "ResNet(2015)", "MobileNet(2017)", "ViT(2020)"
    assert sums[usual] / sums[mobile] > 2 * cost[usual] / cost[mobile]
    assert sums[vit] < sums[usual] and cost[vit] > cost[usual] and max(scores[vit]) < min(scores[usual])


def test_dqn_record_shows_what_the_chapter_says() -> None:
    """기본은 모두 만점, 하나를 빼면 흔들린다, 중단을 종료로 착각하면 믿는 값이 낮아진다."""
    runs = {(r["name"], r["limit"], r["seed"]): r for r in stored("study/beyond/dqn")["results"]}
    seeds = sorted({seed for _, _, seed in runs})
    mark = {key: statistics.median(run["scores"]) for key, run in runs.items()}

    def marks(name: str, limit: int = 500) -> list[float]:
        return [mark[name, limit, seed] for seed in seeds]

    assert len(seeds) == 5 and all(len(run["scores"]) == 20 for run in runs.values())
    assert set(marks("기본")) == set(marks("이중 DQN 아님")) == {500}
    assert max(marks("각도를 키우지 않음")) < 475
    for name in ("경험 재생 없음", "목표 신경망 없음"):
        assert sorted(marks(name))[-2] < 475 <= max(marks(name))
    assert all(runs["목표 신경망 없음", 500, seed]["believed"] > 200 for seed in seeds)
    for limit in (500, 100):
        for seed in seeds:
            right, confused = (runs[name, limit, seed]["believed"] for name in ("기본", "중단을 종료로"))
            assert confused < right
    assert sum(m < 500 for m in marks("중단을 종료로")) == 1
    assert [sum(m < 500 for m in marks(name, 100)) for name in ("중단을 종료로", "기본")] == [1, 2]


def test_sign_language_record_shows_what_the_chapter_says() -> None:
    """수어 지문자: 새는 시험지의 높은 점수, 뒤집기, 그린 손 다음 진짜 손, 불균형의 까닭."""
    found = stored("study/cnn/sign_language")["results"]

    def scores(piece: str, key: str = "right") -> list[float]:
        return [row[key] for row in found[piece]["folds"]]

    longer = ", 두 배 오래"
    assert min(scores("무작위")) > max(scores("원본"))
    for more in ("", longer):
        plain, flipped = f"원본{more}", f"원본, 뒤집기{more}"
        assert min(scores(flipped, "left")) > max(scores(plain, "left"))
        assert max(min(scores(plain)), min(scores(flipped))) < min(max(scores(plain)), max(scores(flipped)))
    drawn = found["그린 손"]["runs"]
    assert max(run["real"] for run in drawn) < min(scores("원본"))
    for rival in ("원본", f"원본{longer}"):
        pairs = zip(scores("그린 손 다음 진짜 손"), scores(rival), strict=True)
        assert all(after > only for after, only in pairs)
    assert sum(scores("숫자, 배경")) / 5 >= 0.95
    rare = {name: [run["rare"] for run in runs] for name, runs in found["불균형"]["runs"].items()}
    few, weighted = rare["드문 둘만 적음"], rare["드문 둘만 적음, 무게"]
    assert max(rare["드문 둘만 적음, 짧게"]) < min(few) and max(few) < min(rare["모두 많음"])
    assert max(min(few), min(weighted)) < min(max(few), max(weighted))
    assert max(rare["모두 적음"]) < min(rare["모두 많음"])


def test_vision_tasks_record_shows_what_the_chapter_says() -> None:
    """탐지와 분할: 같은 장면을 되풀이하면 과적합, 스킵 연결의 몫, 비슷한 장면이 훈련에 있을 때의 점수."""
    made = stored("study/cnn/vision_tasks")

    def values(runs: list[dict], key: str) -> list[float]:
        return [run[key] for run in runs]

    new, same = (made["scenes"][name] for name in ("에포크마다 새 장면", "같은 장면 되풀이"))
    assert min(values(new, "mAP")) > max(values(same, "mAP"))
    assert max(values(same, "loss")) < min(values(new, "loss"))
    short, long = made["unet"]["스킵 있음"], made["unet"]["스킵 없음, 세 배 오래"]
    for key in ("IoU", "다이스 계수"):
        assert min(values(short, key)) > max(values(long, key))
    assert max(values(short, "경계 오차")) < min(values(long, "경계 오차"))
    street = made["street"]["runs"]
    apart, similar = (street[name] for name in ("비슷한 장면을 훈련에서 뺌", "비슷한 장면이 훈련에 있음"))
    assert len(apart) == len(similar) == 3
    assert min(values(similar, "mIoU")) > max(values(apart, "mIoU"))


def test_diffusion_record_shows_what_the_chapter_says() -> None:
    """확산 모델: 클래스를 모르면 혼합 정규 분포에 지고, 주문을 세게 들으면 이긴다. 픽셀은 더 오래 훈련하고도 멀다."""
    rows = stored("study/gan/diffusion")["results"]
    latent = [row for row in rows if row["name"] == "잠재 확산"]
    (pixel,) = (row for row in rows if row["name"] == "픽셀 확산")
    assert len(latent) == 3

    def spread(key: str) -> tuple[float, float]:
        return min(row[key] for row in latent), max(row[key] for row in latent)

    assert spread("ddim_20")[0] > spread("mixture")[1]
    assert spread("guided_2")[1] < spread("mixture_class")[0]
    assert spread("guided_4")[0] > spread("guided_2")[1]
    assert spread("guided_2")[0] < spread("rebuilt")[1] and spread("guided_2")[1] > spread("rebuilt")[0]
    assert (
        spread("ddim_1")[0] > 4 * spread("ddim_20")[1] and spread("ddim_50")[0] > 0.85 * spread("ddim_20")[0]
    )
    assert spread("variety_2")[1] < spread("variety_1")[0] < 1
    assert pixel["seconds"] > spread("seconds")[1] and pixel["ddim_20"] > 3 * spread("ddim_20")[1]


def test_small_models_record_shows_what_the_chapter_says() -> None:
    """작은 모델: 정답이 모두 있으면 교사의 답이 앞서지 못하고, 500장뿐이면 앞선다. 큰 몫은 교사가 본 정답에서 왔다."""
    results = stored("study/beyond/small_models")["results"]

    def curves(piece: str, way: str) -> list[list[float]]:
        found = results[piece]
        return [[scores[found["ways"].index(way)] for scores in moment] for moment in found["accuracy"]]

    def means(piece: str, way: str) -> list[float]:
        return [statistics.mean(scores) for scores in curves(piece, way)]

    warm = [f"교사의 답, 온도 {heat}" for heat in (1, 2, 4)]
    for moment in zip(*(means("모두", way) for way in ["정답만", *warm]), strict=True):
        assert list(moment) == sorted(moment, reverse=True)
    mixed, smooth, plain = (curves("모두", way) for way in ("반반, 온도 2", "라벨 스무딩", "정답만"))
    assert statistics.mean(mixed[-1]) == max(means("모두", way)[-1] for way in results["모두"]["ways"])
    best = max(plain, key=statistics.mean)
    assert min(mixed[-1]) < min(max(smooth[-1]), max(best))
    few = {way: means("500장", way) for way in results["500장"]["ways"]}
    falls = {piece: max(m := means(piece, "정답만")) - m[-1] for piece in ("모두", "500장")}
    assert falls["500장"] > 3 * falls["모두"]
    assert max(few["라벨 스무딩"]) - few["라벨 스무딩"][-1] > 0.02
    decays = {piece: means(piece, "정답만") for piece in results if "감쇠" in piece}
    rival = max(max(few["정답만"]), *(max(found) for found in decays.values()))
    assert len(decays) == 3 and rival > max(few["정답만"])
    assert all(few[way][-1] > rival and max(few[way]) - few[way][-1] < 0.002 for way in warm)
    # 사진을 전부 쓰면 더 오르고, 확률과 고른 클래스 하나의 범위는 겹칩니다.
    guess, soft = (curves("교사가 답한 사진 전부", way)[-1] for way in ("교사가 고른 답", warm[1]))
    assert min(guess + soft) > max(curves("500장", warm[1])[-1])
    assert min(guess) < max(soft) and min(soft) < max(guess)
    # 교사도 500장만 보았을 때
    weak, teachers = curves("500장만 본 교사", warm[1])[-1], results["500장만 본 교사"]["teachers"]
    regularized = max((curves(piece, "정답만")[-1] for piece in decays), key=statistics.mean)
    assert statistics.mean(weak) > few["정답만"][-1] and min(weak) < max(regularized)
    assert statistics.mean(weak) < statistics.mean(teachers)


def test_recurrent_record_shows_what_the_chapter_says() -> None:
    """순환 신경망의 원리: 표시에서 지우고 뒤에서 남긴다, 흔적은 활짝 열린 기억에 몰려 있지 않다, SimpleRNN은 늦고 오르내린다."""
    made = stored("study/rnn/recurrent")
    assert made["periods"] == ["표시 앞", "표시", "표시 뒤"]
    for name, keep, others in (("LSTM", "망각 f", ("입력 i", "출력 o")), ("GRU", "업데이트 z", ())):
        runs = [run for run in made["gates"] if run["name"] == name]
        assert len(runs) == 5
        for run in runs:
            ahead, mark, behind = run["after"][keep]
            assert mark < ahead < behind
            assert all(run["after"][gate][1] > run["after"][gate][0] for gate in others)
            assert run["best_after"] > 0.95 > run["best_before"]
            wide, trace, at_mark, at_end = run["holders"]
            assert trace < 2 * wide and at_end > 2 * at_mark
    curves = [[scores[-1] for scores in run["accuracy"].values()] for run in made["longer"]]
    gated = [run["accuracy"][-1] for run in made["gates"]]
    assert len(curves) == 3 and min(gated) > 0.75 > 0.5 > max(curve[0] for curve in curves)
    assert all(curve[1] < 0.9 and max(curve) > 0.8 for curve in curves) and max(map(max, curves)) > 0.95
    assert all(min(b - a for a, b in itertools.pairwise(curve)) < -0.2 for curve in curves)
    assert sum(min(curve[1:]) < 0.3 for curve in curves) >= 2  # '찍기로 떨어졌다가 다시 올라옵니다'
    assert all(curve[-1] > 0.7 for curve in curves)
    lstm, dense = ([row["seconds"] for row in result["rows"]] for result in made["results"])
    assert all(fast < slow for slow, fast in zip(lstm, dense, strict=True))
    assert 2 < lstm[-1] / lstm[-2] < 5 and lstm[1] / lstm[0] < lstm[-1] / lstm[-2]


def test_language_model_record_shows_what_the_chapter_says() -> None:
    """작은 언어 모델: 진짜 영화평에서는 n그램이 앞서고, 여덟 번 본 암호는 외우고, 가까우리라고 정한 짝은 앞쪽에 있다."""
    made = stored("study/rnn/language_model")
    tokens = made["tokens"]
    new, kinds = "모르는 토큰(%)", "훈련 글의 토큰 종류"
    assert 45 < tokens["어절"][new] < 55 and 0 < tokens["형태소"][new] < tokens["어절"][new] / 5
    assert tokens["형태소"][kinds] < tokens["어절"][kinds] / 2
    # 지어낸 글에서는 BPE가 글자의 절반도 안 됩니다.
    assert tokens["BPE"]["글마다의 토큰"] > 0.6 * tokens["글자"]["글마다의 토큰"]

    chosen = {}
    for unit in ("글자", "BPE"):
        rows = [row for row in made["ngrams"] if row["unit"] == unit]
        chosen[unit] = min(rows, key=lambda row: row["bits"]["validation"])
        assert 1 < chosen[unit]["n"] < max(row["n"] for row in rows), "n을 더 넓게 훑으세요."
        assert chosen[unit]["cutoff"] < 0.95, "깎는 몫을 더 넓게 훑으세요."
    runs = {unit: [r for r in made["results"] if (r["unit"], r["epochs"]) == (unit, 8)] for unit in chosen}
    ngram = {unit: row["bits"]["test"] for unit, row in chosen.items()}
    for unit, three in runs.items():
        assert len(three) == 3 and min(run["bits"]["test"] for run in three) > ngram[unit]
    (longer,) = (run for run in made["results"] if run["epochs"] == 24)
    assert (
        longer["unit"] == "BPE" and longer["bits"]["test"] > max(r["bits"]["test"] for r in runs["BPE"]) + 0.3
    )
    assert max(r["bits"]["test"] for r in runs["BPE"]) < min(r["bits"]["test"] for r in runs["글자"])
    mixed = [run["mixed"] for run in runs["BPE"]]
    assert ngram["글자"] < min(mixed) and max(mixed) < ngram["BPE"]

    ranks: dict[int, list[int]] = {}
    for row in itertools.chain.from_iterable(run["secrets"] for run in runs["BPE"]):
        ranks.setdefault(row["times"], []).append(row["rank"])
    assert all(len(found) == 15 for found in ranks.values())
    assert min(ranks[0]) < 180 < 540 < max(ranks[0])
    assert all(statistics.median(ranks[times]) < 36 and max(ranks[times]) > 36 for times in (1, 2))
    assert set(ranks[8]) == set(ranks[32]) == {1}
    counted = [row["rank"] for row in made["counted_secrets"] if row["times"] == 8]
    assert chosen["BPE"]["n"] == 3 and min(counted) > 1 and max(counted) < 36

    words = made["words"]
    found = {
        pair[0]: [r for run in words["runs"] for r in run["ranks"][i]]
        for i, pair in enumerate(words["pairs"])
    }
    assert len(found) == 8 and all(statistics.median(near) < words["words"] / 10 for near in found.values())
    assert [word for word, near in found.items() if set(near) == {1}] == ["재미있게"]
    assert statistics.median(found["최고의"]) < 10
    assert sum(max(near) > 5 * min(near) for near in found.values()) >= 3


def test_sequences_record_shows_what_the_chapter_says() -> None:
    """LSTM으로 수열 맞히기: 하나씩 바꾸면 크기를 둘 다 맞춘 것과 구조가 바깥의 오차를 줄이고, 평균 제곱 오차는 키운다."""
    found: dict[str, list[dict]] = {}
    for run in stored("study/rnn/sequences")["results"]:
        found.setdefault(run["name"], []).append(run)
    assert all(len(runs) == 3 for runs in found.values())

    def ends(name: str, outside: bool = True) -> list[float]:
        return [run["errors"][-1][outside] for run in found[name]]

    def apart(low: str, high: str, outside: bool = True, times: float = 1) -> bool:
        return times * max(ends(low, outside)) < min(ends(high, outside))

    def overlap(one: str, other: str) -> bool:
        return not apart(one, other) and not apart(other, one)

    usual, both = "흔한 방법", "둘 다 표준화"
    rate, cosine, squared, batch = "+ 학습률 0.03", "+ 코사인", "+ 평균 제곱 오차", "+ 배치 16"
    assert max(ends(usual, outside=False)) < 1 and min(ends(usual)) > 10
    assert min(ends("입력만 표준화")) > 0.8 * max(ends(usual))  # '거의 나아지지 않습니다'
    assert apart("정답만 표준화", usual) and apart(both, "정답만 표준화", times=3)
    assert overlap(rate, both) and found[rate][0]["epochs"] * 4 == found[both][0]["epochs"]
    assert apart(cosine, rate, outside=False, times=10) and overlap(cosine, rate)
    assert apart(cosine, squared) and overlap(batch, squared)
    assert apart("구조도 잔차 방식", cosine, times=100) and max(ends("구조도 잔차 방식")) < 0.01
    assert apart("구조만 잔차 방식", both, times=10)
