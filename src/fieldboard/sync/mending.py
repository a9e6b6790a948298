"""Damaged files: found by the process that syncs, put aside, and filled again."""

from __future__ import annotations

import logging
from typing import Final

from fieldboard.cache import salvage
from fieldboard.cache.files import ProfileFiles

LOG: Final = logging.getLogger(__name__)


def mend(files: ProfileFiles) -> bool:
    """Put damaged files aside; says whether there were any. None of them may be open in this process.

    The cache is filled anew by the next round; of the outbox everything is saved that can be read
    there or in its journal; the history begins anew. Raises StorageError.
    """
    damaged = salvage.damage(files)
    for path in damaged:
        if path == files.cache:
            place = salvage.rebuild_cache(files)
            LOG.error("the cache is damaged: it lies in %s, and a new one is filled", place)
        elif path == files.outbox:
            saved = salvage.salvage_outbox(files)
            LOG.error(
                "the outbox is damaged: %d edits were read from it, %d from its journal; it lies in %s",
                saved.from_rows,
                saved.from_journal,
                saved.put_aside,
            )
        else:
            LOG.error("%s is damaged: it lies in %s", path.name, salvage.put_aside(files, path))
    return bool(damaged)
