"""Answers that were kept, each with what was asked: files in a folder, of which the oldest go.

Everything here belongs to a plan: nothing of it is live.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import cast

from accord.core.errors import AccordError

ANSWERS = Path("answers")

MOST = 50
"""Answers that are kept; beyond, the oldest go."""

REGISTER = "register"
"""What is asked: the node's own registers, and no file."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_ABOUT, _ANSWER, _PAGE = ".about", ".json", ".html"


class NoSuchAnswer(AccordError):
    """There is no answer of that name."""


class AnswerFault(AccordError):
    """An answer cannot be kept, or read again; it says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked, by whom and when; `source` is REGISTER, or the file of a scenario."""

    id: str
    asked: datetime
    by: str
    source: str
    commitments: tuple[str, ...]
    baseline: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer that is there; `context` is the plan that it belongs to."""

    question: Question
    context: str


def check_name(name: str) -> str:
    """Return the name of an answer. ValueError says what one may be."""
    if _ID.fullmatch(name) is None:
        raise ValueError(
            f"{name!r} is no name of an answer: letters, digits, dots, hyphens and underscores, "
            "at most 80, and first a letter or a digit"
        )
    return name


class Answers:
    """The answers of one node."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / ANSWERS

    def keep(self, question: Question, answer: str, page: str) -> None:
        """Keep an answer as JSON and as a page; one of that name is put aside. AnswerFault."""
        context = str(cast("dict[str, object]", json.loads(answer))["context"])
        name = check_name(question.id)
        try:
            self._folder.mkdir(exist_ok=True)
            self._write(name + _PAGE, page)
            self._write(name + _ANSWER, answer)
            # What says that it is there comes last.
            self._write(name + _ABOUT, json.dumps({**_spelt(question), "context": context}))
            self._forget()
        except OSError as error:
            raise AnswerFault(f"{self._folder}: {error.strerror}; it was not kept") from None

    def all(self) -> list[Kept]:
        """Return what is kept, the newest first; what cannot be read is left out."""
        found = (_read(each) for each in self._folder.glob(f"*{_ABOUT}"))
        kept = [each for each in found if each is not None]
        kept.sort(key=lambda each: (each.question.asked, each.question.id), reverse=True)
        return kept

    def one(self, name: str) -> tuple[Kept, Mapping[str, object]]:
        """Return an answer. NoSuchAnswer where there is none."""
        kept = _read(self._path(name, _ABOUT))
        if kept is None:
            raise NoSuchAnswer(f"there is no answer {name}")
        return kept, cast("dict[str, object]", json.loads(self._text(name, _ANSWER)))

    def page(self, name: str) -> str:
        """Return an answer as a page. NoSuchAnswer where there is none."""
        return self._text(name, _PAGE)

    def _path(self, name: str, ending: str) -> Path:
        if _ID.fullmatch(name) is None:
            raise NoSuchAnswer(f"there is no answer {name[:80]}")
        return self._folder / (name + ending)

    def _text(self, name: str, ending: str) -> str:
        try:
            return self._path(name, ending).read_text("utf-8")
        except FileNotFoundError:
            raise NoSuchAnswer(f"there is no answer {name}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise AnswerFault(f"the answer {name} cannot be read: {error}") from None

    def _write(self, name: str, text: str) -> None:
        part = self._folder / f"{name}.part"
        part.write_text(text, "utf-8")
        part.replace(self._folder / name)

    def _forget(self) -> None:
        for each in self.all()[MOST:]:
            for ending in (_ABOUT, _ANSWER, _PAGE):
                self._path(each.question.id, ending).unlink(missing_ok=True)


def _spelt(question: Question) -> dict[str, object]:
    baseline = question.baseline
    return {
        "id": question.id,
        "asked": question.asked.isoformat(),
        "by": question.by,
        "source": question.source,
        "commitments": list(question.commitments),
        "baseline": None if baseline is None else baseline.isoformat(),
    }


def _read(path: Path) -> Kept | None:
    try:
        said = json.loads(path.read_text("utf-8"))
        baseline = said["baseline"]
        question = Question(
            id=path.name.removesuffix(_ABOUT),
            asked=datetime.fromisoformat(said["asked"]),
            by=str(said["by"]),
            source=str(said["source"]),
            commitments=tuple(map(str, said["commitments"])),
            baseline=None if baseline is None else date.fromisoformat(baseline),
        )
        return Kept(question=question, context=str(said["context"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
