"""새 장의 견본(book/template.ipynb)도 노트북의 약속을 지키는지 봅니다. 베껴 쓰면 그대로 통과해야 합니다."""

import nbformat
import pytest

from course.bootstrap import ROOT
from tests import test_links as links
from tests import test_notebooks as rules

TEMPLATE = nbformat.read(ROOT / "book" / "template.ipynb", as_version=4)
CHECKS = [
    name
    for name in dir(rules)
    if name.startswith("test_") and name != "test_every_notebook_is_in_the_table_of_contents"
]


@pytest.mark.parametrize("name", CHECKS)
def test_template_keeps_the_rules(name):
    getattr(rules, name)(TEMPLATE)


def test_template_cites_its_references():
    links.test_citations_have_a_reference(ROOT / "book" / "template.ipynb")
