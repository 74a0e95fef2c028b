from accord.core.errors import AccordError
from accord.release.ledger.fault import LedgerFault


def test_a_fault_is_one_sentence_to_whoever_must_act() -> None:
    assert issubclass(LedgerFault, AccordError)
    assert LedgerFault.exit_code == 1
