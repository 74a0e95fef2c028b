"""The feeds of a node: made of its settings, and each kept reading."""

import asyncio
from collections import Counter

from accord.config import Settings
from accord.feeds import catalogue
from accord.feeds.feed import Feed
from accord.feeds.settings import Format

AGAIN_AFTER = 60.0
"""Seconds before a feed whose code failed is begun again."""


class Feeds:
    """Every feed; `plots` are the channels of those that report without saying who.

    `failures` counts where the code of one failed.
    """

    def __init__(
        self, settings: Settings, around: catalogue.Surroundings, failures: Counter[str]
    ) -> None:
        self.all = [catalogue.build(name, each, around) for name, each in settings.feed.items()]
        self.plots = frozenset(
            catalogue.channel(name)
            for name, each in settings.feed.items()
            if each.format is Format.PLOTS
        )
        self._log = around.log
        self._failures = failures

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Read every feed until the tasks are cancelled."""
        for feed in self.all:
            tasks.create_task(self._keep_reading(feed))

    async def _keep_reading(self, feed: Feed) -> None:
        """Run a feed; when its code fails, say so, and begin it again after a while."""
        while True:
            try:
                return await feed.run()
            except Exception as error:  # noqa: BLE001  one feed must not end the node
                failure = f"{type(error).__name__}: {error}"
                self._failures[f"feed {feed.name} failed"] += 1
                self._log.trouble("feed failed", feed=feed.name, error=failure)
                await asyncio.sleep(AGAIN_AFTER)
