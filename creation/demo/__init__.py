"""The demonstration campaign, with a plausible history on whatever day it is loaded. Its people are invented, its papers say 示例."""

from creation.demo.loading import Account, Loaded, is_loaded, load, load_large, reset_passwords
from creation.demo.storylines import Scale

__all__ = ["Account", "Loaded", "Scale", "is_loaded", "load", "load_large", "reset_passwords"]
