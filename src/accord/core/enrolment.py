"""What a phone scans to enrol."""

from urllib.parse import urlencode

ENROLMENT_PORT = 8446
"""Where TAK clients enrol if they are told no other port."""


def scan_text(host: str, port: int, *, username: str, token: str) -> str:
    """Return the text of the code with which ATAK 5 enrols by a one-time token."""
    at = host if port == ENROLMENT_PORT else f"{host}:{port}"
    query = urlencode({"host": at, "username": username, "token": token}, safe=":")
    return f"tak://com.atakmap.app/enroll?{query}"
