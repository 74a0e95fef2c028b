"""The running node of a directory: where it listens, and how to call it."""

import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import cast

from accord.config import Endpoint
from accord.core.errors import AccordError
from accord.node.directory import LISTENERS

PATIENCE = 10.0
"""Seconds to wait for an answer."""

_LOCAL = {"::": "::1", "0.0.0.0": "127.0.0.1"}  # noqa: S104  where to reach what listens on all


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningNode:
    """A node that runs on this machine; `listeners` as they were bound, by name."""

    pid: int
    listeners: Mapping[str, Endpoint]

    def reach(self, listener: str) -> Endpoint:
        """Return where this machine reaches a listener. AccordError says that it is off."""
        bound = self.listeners.get(listener)
        if bound is None:
            raise AccordError(f"the listener {listener} is off; see [listen] in accord.toml")
        return Endpoint(_LOCAL.get(bound.host, bound.host), bound.port)


def find(directory: Path) -> RunningNode:
    """Return the node that runs from a directory. AccordError says that none does."""
    try:
        said = json.loads((directory / LISTENERS).read_text("utf-8"))
        listeners = cast("dict[str, str]", said["listeners"])
        node = RunningNode(
            pid=int(said["pid"]),
            listeners={name: Endpoint.parse(address) for name, address in listeners.items()},
        )
    except FileNotFoundError:
        raise AccordError(f"no node is running from {directory}; start it with serve") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AccordError(f"cannot read {directory / LISTENERS}: {error}") from None
    if not _is_alive(node.pid):
        raise AccordError(
            f"no node is running from {directory}: process {node.pid} ended without a word"
        )
    return node


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs as somebody else
    return True


def get(node: RunningNode, path: str, *, tls: ssl.SSLContext, accept: str) -> str:
    """Ask the node's HTTP interface. AccordError says why there is no answer."""
    api = node.reach("api")
    connection = HTTPSConnection(api.host, api.port, context=tls, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"accept": accept})
        response = connection.getresponse()
        body = response.read().decode()
    except ssl.SSLCertVerificationError as error:
        raise AccordError(f"the node's certificate is not right: {error.verify_message}") from None
    except (OSError, HTTPException) as error:
        raise AccordError(f"no answer from {api}: {error or type(error).__name__}") from None
    finally:
        connection.close()
    if response.status != 200:
        raise AccordError(f"{api} answered {response.status} to {path}: {_detail(body)}")
    return body


def _detail(body: str) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return body[:200].replace("\n", " ")
