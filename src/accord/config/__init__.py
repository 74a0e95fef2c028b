"""`accord.toml` -> frozen dataclasses."""

from accord.config.settings import SETTINGS_FILE, Settings, load
from accord.config.values import Endpoint

__all__ = ["SETTINGS_FILE", "Endpoint", "Settings", "load"]
