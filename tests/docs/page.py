"""A page of the documentation: its blocks of code, with what a test has to know of them.

A block stands as it is, between three backticks. A comment right before it may tell the test more:

    <!-- test: given up, my-algorithm; exit 1 -->

* `given NAME, ...`: what has to be there first (`tests/docs/given.py`);
* `exit CODE`: how its last command ends, if not with 0;
* `until TEXT`: its last command goes on; the test waits until it has said this, and stops it at the
  end of the page (`v6sim up`, `server` and `node` need no such mark);
* `world`: it is a world file, which has to be a right one;
* `by FILE`: it is that file which executes these commands.

A block `text` right after another one is what that one says, `...` standing for anything; in a
block `console` the lines after a command are. A block with a title is a file of that name.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "algorithms").glob("*/README.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
]
SHELLS = ("sh", "bash", "console")

_BLOCK = re.compile(
    r"^(?:<!-- test: (?P<marks>.*?) -->\n+)?"
    r'```(?P<language>[\w-]*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Command:
    """A command, and what it is to say; None: anything."""

    text: str
    said: str | None = None


@dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        language: after the backticks.
        text: its lines.
        title: the file that it is, or nothing.
        marks: what its comment says, by the first word of each part.
        said: the block `text` right after it.
    """

    language: str
    text: str
    title: str
    marks: dict[str, str]
    said: str | None = None

    @property
    def commands(self) -> list[Command]:
        """The commands of a shell's block; the last one says what the block says."""
        if self.language not in SHELLS:
            return []
        if self.language == "console":
            return [_typed(part) for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]]
        lines = re.sub(r"\\\n\s*", "", self.text).splitlines()
        texts = [line for line in lines if line.strip() and not line.startswith("#")]
        return [*map(Command, texts[:-1]), Command(texts[-1], self.said)]


def blocks_of(page: Path) -> list[Block]:
    """All blocks of a page, in their order."""
    found: list[Block] = []
    text, end = page.read_text(), 0
    for match in _BLOCK.finditer(text):
        parts = filter(None, map(str.strip, (match["marks"] or "").split(";")))
        marks = {name: rest for name, _, rest in (part.partition(" ") for part in parts)}
        follows = found and not text[end : match.start()].strip()
        if match["language"] == "text" and follows:
            found[-1] = Block(**{**vars(found[-1]), "said": match["text"]})
        else:
            found.append(Block(match["language"], match["text"], match["title"] or "", marks))
        end = match.end()
    return found


def _typed(part: str) -> Command:
    text, _, said = re.sub(r"\\\n(> ?)?", "", part).partition("\n")
    return Command(text, said or None)
