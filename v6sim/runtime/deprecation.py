"""Warnings of what users should no longer use."""


class SettingGone(DeprecationWarning):
    """A setting that does nothing any more."""
