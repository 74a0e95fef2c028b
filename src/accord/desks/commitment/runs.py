"""Working out an answer: a process of its own, so that a node is never busy with a plan.

It is the command `accord impact`, with the least claim to the processor; how far it is it says line
by line.
"""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from accord.core.errors import AccordError
from accord.desks.commitment.answers import Answers, Question
from accord.observe.broken import Broke

LONGEST = 600.0
"""Seconds that an answer may take."""

LEAST = 10
"""The niceness of the process: everything else goes first."""

CACHE = Path("cache")
"""Where the process keeps what it need not work out again."""

COMMAND = (sys.executable, "-m", "accord", "impact")

_FAR = re.compile(r"(\d+) of (\d+)")


class State(StrEnum):
    """How far an answer is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Run:
    """A question that is being answered; `trouble` says why it was not."""

    question: Question
    scenario: Path
    state: State = State.WAITING
    done: int = 0
    of: int = 0
    trouble: str = ""

    def fail(self, trouble: str) -> None:
        """Say why there is no answer."""
        self.state, self.trouble = State.FAILED, trouble


class Runner:
    """Works out answers of one node, in whatever thread calls; `broke` notes what broke off."""

    def __init__(
        self,
        directory: Path,
        answers: Answers,
        *,
        broke: Broke,
        command: Sequence[str] = COMMAND,
        longest: float = LONGEST,
    ) -> None:
        self._directory = directory
        self._answers = answers
        self._broke = broke
        self._command = tuple(command)
        self._longest = longest
        self._process: subprocess.Popen[str] | None = None
        self._is_over = False

    def work(self, run: Run) -> None:
        """Work out an answer and keep it; what goes wrong is the run's trouble."""
        if self._is_over:
            run.fail("the node stopped")
            return
        run.state = State.WORKING
        try:
            with TemporaryDirectory(prefix="accord-impact-") as folder:
                self._work(run, Path(folder))
        except (AccordError, OSError, ValueError) as error:
            run.fail(str(error))
        except Exception as error:  # noqa: BLE001  nobody waits for this thread: who asked is told
            run.fail(self._broke(error))

    def _work(self, run: Run, folder: Path) -> None:
        page, answer = folder / "page.html", folder / "answer.json"
        with answer.open("w", encoding="utf-8") as out:
            trouble = self._follow(run, [*self._words(run), f"--html={page}"], out)
        if trouble:
            run.fail(trouble)
            return
        texts = answer.read_text("utf-8"), page.read_text("utf-8")
        self._answers.keep(run.question, *texts)
        run.state = State.DONE

    def _words(self, run: Run) -> list[str]:
        baseline = run.question.baseline
        return [
            *self._command,
            f"--scenario={run.scenario}",
            f"--cache={self._directory / CACHE}",
            *([] if baseline is None else [f"--baseline={baseline}"]),
            "--json",
            "--progress",
        ]

    def _follow(self, run: Run, words: list[str], out: IO[str]) -> str:
        """Run the command to its end; return why it failed, nothing where it did not."""
        words += ["--", *run.question.commitments]
        with subprocess.Popen(  # noqa: S603  our own command, of words that were looked up
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, text=True
        ) as process:
            self._process = process
            with suppress(OSError):  # it may have ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, LEAST)
            is_late = threading.Event()
            timer = threading.Timer(self._longest, lambda: (is_late.set(), process.kill()))
            timer.start()
            try:
                last = _read(process, run)
                code = process.wait()
            finally:
                timer.cancel()
                self._process = None
        if code == 0:
            return ""
        if self._is_over:
            return "the node stopped"
        late = f"it took longer than {self._longest:g} seconds, and was ended"
        return late if is_late.is_set() else last or f"it ended with code {code}"

    def stop(self) -> None:
        """Work out nothing more, and end what is being worked out."""
        self._is_over = True
        process = self._process
        if process is not None:
            process.kill()


def _read(process: "subprocess.Popen[str]", run: Run) -> str:
    """Take note of how far it is; return the last words that say anything else."""
    last = ""
    for line in process.stderr or ():
        far = _FAR.fullmatch(line.strip())
        if far is None:
            last = line.strip().removeprefix("accord: ") or last
        else:
            run.done, run.of = int(far[1]), int(far[2])
    return last
