import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "bench", "tools", "fuzz")
LONGEST_COPY = 8
"""Lines of a function's body, from which a second one like it is a copy."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def body(function: Function) -> list[ast.stmt]:
    """What a function does, without what it says about itself."""
    first, *rest = function.body
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return rest if is_docstring else function.body


def length(statements: list[ast.stmt]) -> int:
    if not statements:
        return 0
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" not in path.parts and not path.name.endswith("_pb2.py"):
                yield path


def test_no_function_is_a_copy_of_another() -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sources():
        for function in functions(path):
            statements = body(function)
            if length(statements) > LONGEST_COPY:
                text = "\n".join(ast.dump(each) for each in statements)
                found[text].append(f"{path.relative_to(ROOT)}:{function.lineno}")
    assert [copies for copies in found.values() if len(copies) > 1] == []
