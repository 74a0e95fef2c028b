from accord.core.enrolment import scan_text


def test_a_phone_scans_where_who_and_by_which_token() -> None:
    # ATAK 5: tak://com.atakmap.app/enroll?host=&username=&token=
    usual = scan_text("203.0.113.7", 8446, username="kiwi 1", token="t-_")
    assert usual == "tak://com.atakmap.app/enroll?host=203.0.113.7&username=kiwi+1&token=t-_"
    assert "host=node.example:9446&" in scan_text("node.example", 9446, username="k", token="t")
