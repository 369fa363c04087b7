"""Private keys of the manual's organizations, which serve tests alone."""

from pathlib import Path

KEYS = {file.stem: file for file in sorted(Path(__file__).parent.glob("*.pem"))}
"""Their files, by organization."""
