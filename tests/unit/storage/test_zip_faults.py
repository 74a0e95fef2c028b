"""A damaged zip raises what is expected of one, however it is packed and wherever it is hit."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from accord.storage.zip_faults import ZIP_FAULTS, fault_said


def read(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for each in archive.infolist():
            archive.read(each)


@pytest.mark.parametrize(
    "packing",
    [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_damaged_zip_raises_one_of_these(tmp_path: Path, packing: int) -> None:
    out = io.BytesIO()
    chance = random.Random(packing)  # noqa: S311  the same bytes each time
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name in ("a.txt", "plan ā.pdf"):
            archive.writestr(name, bytes(chance.randrange(60) for _ in range(300)))
    path, raised = tmp_path / "zip", set[type[Exception]]()
    for _ in range(1000):
        data = bytearray(out.getvalue())
        data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            read(path)
        except ZIP_FAULTS as error:
            raised.add(type(error))
    assert zipfile.BadZipFile in raised
    assert UnicodeDecodeError in raised


def test_what_is_wrong_is_said_without_where_it_lies(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as fault:
        zipfile.ZipFile(tmp_path / "none.zip")
    assert fault_said(fault.value) == "No such file or directory"
    assert fault_said(zipfile.BadZipFile("no zip")) == "no zip"
    assert fault_said(OSError("cut off")) == "cut off"
