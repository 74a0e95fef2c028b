# pyright: basic, reportMissingImports=false
"""A PyTAK client: sends what stands in lines of standard input, prints what it receives.

Run by the Python of .interop with one argument, its configuration as JSON. PREF_PACKAGE is the path
of a connection package and TAK_URL an invitation to enrol, as PyTAK's own command line takes them.
"""

import asyncio
import json
import sys
from configparser import ConfigParser

import pytak
from pytak.client_functions import resolve_tak_url


def _print(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _send(tool: pytak.CLITool) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        await tool.tx_queue.put(json.loads(line)["xml"].encode())


async def _receive(tool: pytak.CLITool) -> None:
    while True:
        heard = await tool.rx_queue.get()
        _print(heard=heard.decode() if isinstance(heard, bytes) else str(heard))


async def main(given: dict[str, str]) -> None:
    """Connect, and go on until cut off."""
    package, invitation = given.pop("PREF_PACKAGE", ""), given.pop("TAK_URL", "")
    read = pytak.read_pref_package(package) if package else {}
    got = await resolve_tak_url(invitation) if invitation else {}
    config = ConfigParser(interpolation=None)
    config["client"] = {key: value for key, value in {**read, **got, **given}.items() if value}
    tool = pytak.CLITool(config["client"])
    await tool.setup()
    _print(connected=True)
    await asyncio.gather(tool.run(), _send(tool), _receive(tool))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
