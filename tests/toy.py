"""장난감 노트북의 칸, 노트북의 칸들이 서로 쓰는 이름."""

import symtable

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell


def code(source: str, cell_id: str = "cell", *tags: str) -> NotebookNode:
    return new_code_cell(source, id=cell_id, metadata={"tags": list(tags)} if tags else {})


def missing_names(used: list[NotebookNode], cells: list[NotebookNode]) -> set[str]:
    """`used`의 칸들이 쓰는데 `used`에 없는 칸만 만드는 이름들. 있으면 그 칸들만으로는 실행되지 않습니다."""
    made = {cell.id: _names(cell.source)[0] for cell in cells}
    read = set().union(*(_names(cell.source)[1] for cell in used))
    return read & set().union(*made.values()) - set().union(*(made[cell.id] for cell in used))


def _names(source: str) -> tuple[set[str], set[str]]:
    """칸이 노트북에 만드는 이름들과 노트북에서 읽는 이름들. 함수 안의 변수는 세지 않습니다."""
    if source.startswith("%%"):  # 파일에 쓰는 칸(%%writefile)처럼, 노트북에서 실행되지 않는 글
        return set(), set()
    top = symtable.symtable(source, "cell", "exec")
    made = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    read, todo = set(), [top]
    while todo:
        table = todo.pop()
        todo += table.get_children()
        read |= {
            s.get_name() for s in table.get_symbols() if s.is_referenced() and (table is top or s.is_global())
        }
    return made, read
