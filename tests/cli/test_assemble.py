from __future__ import annotations

from pathlib import Path

from fieldboard import config
from fieldboard.cli.assemble import OpenProfile


def test_another_thread_shares_what_was_read_and_not_what_is_open(tmp_path: Path) -> None:
    (tmp_path / "roster.toml").write_text('[[technician]]\nid = "7"\nname = "Zoë"\n', encoding="utf-8")
    file = tmp_path / "config.toml"
    file.write_text(
        '[profiles.north]\nbackend = "fieldcamp"\nbase_url = "http://127.0.0.1:9"\nroster = "roster.toml"\n',
        encoding="utf-8",
    )
    loaded = config.load(file)
    opened = OpenProfile(loaded, loaded.profiles["north"], tmp_path / "data")
    other = opened.again()
    assert other.roster is opened.roster
    assert other.store is not opened.store
    assert other.desk.people.everybody() == opened.desk.people.everybody()
    opened.close()
    # What is open still has its store; what was closed begins anew.
    assert other.desk.today() == opened.desk.today()
    assert opened.desk.day(opened.desk.today()).columns
    opened.close()
    other.close()
