"""An area that somebody drew, as a row of the register."""

from collections.abc import Mapping

from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.rules import Fault, NotTaken
from accord.desks.readiness.said import Row, Said
from accord.posture.outline import cells_of


def area_row(id_: str, drawing: str, values: Mapping[str, str], said: Said) -> Row:
    """Return the row of an area drawn as GeoJSON; what is not in `values` stays as it stands.

    Raises NotTaken where the drawing is none.
    """
    try:
        cells = cells_of(drawing)
    except ValueError as error:
        fault = Fault(sheet=Sheet.AREAS.value, id=id_, column="cells", text=f"drawing: {error}")
        raise NotTaken([fault]) from None
    return Row(sheet=Sheet.AREAS, id=id_, values={**values, "cells": " ".join(cells)}, said=said)
