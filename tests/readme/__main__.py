"""`python -m tests.readme`: write the table of the systems into README.md."""

from __future__ import annotations

from tests.readme.systems_table import README, written

if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
