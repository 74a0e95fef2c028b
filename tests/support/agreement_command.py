"""`accord agreement ...`, run in this process."""

import argparse

from accord.cli import agreement


def accord_agreement(*arguments: object) -> int:
    """Run it and return the exit code; what is wrong is raised as the command line gets it."""
    parser = argparse.ArgumentParser(prog="accord")
    agreement.add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["agreement", *map(str, arguments)])
    code: int = parsed.run(parsed)
    return code
