"""Every setting, read once: ``FARMERLINE_<NAME>`` or, for a secret kept in a file, ``FARMERLINE_<NAME>_FILE``. A theme a file."""

from farmerline.config.county import Module
from farmerline.config.reading import CHECKOUT, DEMO_SETTINGS, PREFIX, make_settings, read_settings
from farmerline.config.settings import Settings

__all__ = ["CHECKOUT", "DEMO_SETTINGS", "PREFIX", "Module", "Settings", "make_settings", "read_settings"]
