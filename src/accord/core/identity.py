"""Who or what an object says it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The names of one object; None is "not said".

    `mmsi` is nine digits (ITU-R M.585), `imo` seven (IMO A.1117), `icao` six lower-case hexadecimal
    digits (ICAO annex 10 volume III), `nation` ISO 3166-1 alpha-3.
    """

    mmsi: str | None = None
    imo: str | None = None
    icao: str | None = None
    callsign: str | None = None
    name: str | None = None
    nation: str | None = None

    def settles(self, other: "Identity") -> bool:
        """Tell whether both are certainly the same object.

        One shared registered number, none that differ.
        Callsigns and names never settle it: people share them.
        """
        pairs = ((self.mmsi, other.mmsi), (self.imo, other.imo), (self.icao, other.icao))
        known = [
            (mine, theirs) for mine, theirs in pairs if mine is not None and theirs is not None
        ]
        return bool(known) and all(mine == theirs for mine, theirs in known)


UNKNOWN_IDENTITY = Identity()
"""An object that says nothing about itself."""
