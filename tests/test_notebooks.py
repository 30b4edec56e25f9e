"""노트북 원본이 약속을 지키는지: 실행 흔적, 장의 순서, 대체 글, 칸의 길이."""

import copy
import re
import unicodedata

import nbformat
import pytest

from course.notebooks import NOTEBOOKS, chapters, is_checked, reading_minutes, solutions, tidy

PATHS = sorted(p for p in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
HEADINGS = [
    "이 장에서 배우는 것",
    "준비",
    "한계와 흔한 오해",
    "스스로 점검",
    "연습 문제",
    "정리",
    "다음 장",
    "참고 문헌",
]
# 사이트에서만 통하는 문법. JupyterLab과 Colab에서는 글자 그대로 보입니다.
SITE_ONLY = re.compile(r"^(```\{|:::)|\{(ref|numref|cite|eq|term|doc)[^}]*\}`|^\[\^|\[\^\w+\]", re.MULTILINE)
DRAWS = re.compile(r"plt\.show\(|dlko\.(show_images|plot_history|plot_confusion|show_animation)\(")


@pytest.fixture(params=PATHS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def test_every_notebook_is_in_the_table_of_contents():
    assert PATHS, "노트북이 하나도 없습니다."
    listed = {chapter.path for chapter in chapters()}
    assert set(PATHS) <= listed, f"_toc.yml에 넣으세요: {sorted(map(str, set(PATHS) - listed))}"
    assert listed <= set(PATHS), f"없는 노트북이 _toc.yml에 있습니다: {sorted(map(str, listed - set(PATHS)))}"


def test_source_is_tidy(notebook):
    assert tidy(copy.deepcopy(notebook)) == notebook, "`python -m course tidy`로 실행 흔적을 지우세요."


def test_cell_ids_are_given_by_hand(notebook):
    # 도구가 지어낸 16진수 id는 저장할 때마다 바뀔 수 있습니다.
    made_up = [cell.id for cell in notebook.cells if re.fullmatch(r"[0-9a-f]{8}|\d+", cell.id)]
    # 두 칸의 id가 같으면 nbformat이 하나를 16진수로 바꾸어 읽으므로 여기서 함께 드러납니다.
    assert made_up == [], "칸의 id가 다른 칸과 겹치거나 도구가 지어낸 것입니다. 짧은 영어로 손수 지으세요."


def test_the_first_code_cell_is_the_setup(notebook):
    # 실행기와 속도 비교가 이 이름으로 준비 칸을 찾습니다.
    assert code_cells(notebook)[0].id == "setup"


def test_checked_cells_hold_their_output(notebook):
    checked = [cell for cell in code_cells(notebook) if is_checked(cell)]
    assert len(checked) >= 3, "출력을 비교하는 칸(nbval-check-output 태그)이 세 개는 있어야 합니다."
    assert [cell.id for cell in checked if not cell.outputs] == [], "`make outputs`로 출력을 적으세요."


def test_chapter_ends_its_checks_with_a_floor(notebook):
    outputs = [o.get("text", "") for cell in code_cells(notebook) for o in cell.outputs]
    assert any("합격" in text for text in outputs), "합격선을 검사하는 칸이 없습니다."


def test_main_path_is_read_in_half_an_hour(notebook):
    minutes = reading_minutes(notebook)
    assert minutes <= 35, f"본문이 {minutes}분입니다. 처음 읽을 때 없어도 되는 절을 `더 깊이:`로 옮기세요."


def test_headings_stand_in_order(notebook):
    assert notebook.cells[0].source.startswith("# ")
    text = "\n".join(cell.source for cell in markdown_cells(notebook))
    found = [h for h in re.findall(r"^## (.+)$", text, re.MULTILINE) if h in HEADINGS]
    assert found == HEADINGS, f"큰 제목(##)을 이 차례로 모두 두세요: {HEADINGS}"


def test_metadata_describes_the_chapter(notebook):
    about = notebook.metadata["dlko"]
    assert about["difficulty"] in (1, 2, 3)
    assert 20 <= len(about["description"]) <= 160
    assert 10 <= about["seconds"] <= 120, "혼자 실행할 때의 한도(초)를 적으세요. 보통 30입니다."
    assert 2 <= len(about["short"]) <= 12, "가르치는 분의 표에 쓸 짧은 이름을 적으세요."


def test_metadata_tells_the_teacher(notebook):
    teaching = notebook.metadata["dlko"]["teaching"]
    assert 1 <= teaching["lessons"] <= 4, "차시(50분)의 수를 적으세요."
    assert teaching["before"], "먼저 알아야 할 것을 적으세요."
    assert len(teaching["hurdle"]) >= 20, "수업의 고비를 적으세요."
    text = "\n".join(cell.source for cell in markdown_cells(notebook))
    exercises = len(re.findall(r"^\*\*연습 \d+\.", text, re.MULTILINE))
    assert len(teaching["exercises"]) == exercises, "연습 문제마다 [확인하는 것, 걸리는 정도]를 적으세요."
    assert {kind for _, kind in teaching["exercises"]} <= {"바로", "훈련", "훈련, 인터넷"}


def test_no_long_code_cell(notebook):
    assert [cell.id for cell in code_cells(notebook) if len(cell.source.splitlines()) > 30] == [], (
        "코드 칸을 30줄 이내로 나누세요."
    )


def test_no_code_line_is_cut_off(notebook):
    """1280픽셀 화면의 본문에는 78열이 들어갑니다. 한글은 두 열입니다."""

    def columns(line):
        return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)

    text = "\n".join(cell.source for cell in markdown_cells(notebook))
    shown = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    code = "\n".join([*(cell.source for cell in code_cells(notebook)), *shown])
    assert [line for line in code.splitlines() if columns(line) > 78] == []


def test_only_common_markdown(notebook):
    assert [cell.id for cell in markdown_cells(notebook) if SITE_ONLY.search(cell.source)] == [], (
        "MyST 문법은 Colab과 JupyterLab에서 보이지 않습니다. 기본 Markdown으로 쓰세요."
    )


def test_every_figure_has_an_alt_text(notebook):
    def alt(cell):
        return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")

    drawing = [cell for cell in code_cells(notebook) if DRAWS.search(cell.source)]
    assert [cell.id for cell in drawing if len(alt(cell)) < 10 or ".png" in alt(cell)] == [], (
        "그림이 무엇을 보여 주는지 칸 메타데이터의 mystnb.image.alt에 적으세요."
    )


def test_one_cover_figure(notebook):
    covers = [cell.id for cell in notebook.cells if "cover" in cell.metadata.get("tags", [])]
    assert len(covers) == 1, f"cover 태그는 칸 하나에만 답니다. 지금 단 칸: {covers}"


def test_quiz_and_exercises_have_answers(notebook):
    text = "\n".join(cell.source for cell in markdown_cells(notebook))
    quiz = text.partition("\n## 스스로 점검\n")[2].partition("\n## ")[0]
    questions = re.split(r"^\*\*(?=\d+\. )", quiz, flags=re.MULTILINE)[1:]
    assert len(questions) >= 3, "스스로 점검에는 문제가 셋은 있어야 합니다. 문제는 **1. …**로 시작합니다."
    for question in questions:
        right = len(re.findall(r"</summary>\s+맞습니다", question))
        assert right == 1, (
            f"맞는 보기('맞습니다'로 시작)가 하나여야 합니다. 지금 {right}개: {question.splitlines()[0]}"
        )
    exercises = len(re.findall(r"^\*\*연습 \d+\.", text, re.MULTILINE))
    assert exercises >= 3
    assert text.count("<summary>해답 보기</summary>") == exercises
    assert len(solutions(notebook)) >= 2


def test_details_are_closed_and_have_room(notebook):
    """빈 줄이 없으면 details 안의 Markdown이 그려지지 않습니다."""
    for cell in markdown_cells(notebook):
        assert cell.source.count("<details>") == cell.source.count("</details>"), cell.id
        for inside in re.findall(r"</summary>(.*?)</details>", cell.source, re.DOTALL):
            assert inside.startswith("\n\n"), cell.id
            assert inside.endswith("\n\n"), cell.id
