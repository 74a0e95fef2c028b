"""docs/reference/clients.md is as its table has it, and every test that it names is there."""

import ast
import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]


def generator() -> ModuleType:
    path = ROOT / "tools" / "generate_clients.py"
    spec = importlib.util.spec_from_file_location("generate_clients", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_its_table_says() -> None:
    made = generator()
    assert made.TARGET.read_text("utf-8") == made.reference()


def test_every_test_that_is_named_is_there() -> None:
    for row in generator().ROWS:
        assert row.tests, row.function
        for test in row.tests.values():
            path, _, name = test.partition("::")
            source = ast.parse((ROOT / path).read_text("utf-8"))
            names = {
                node.name
                for node in source.body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert name in names if name else any(each.startswith("test_") for each in names), test
