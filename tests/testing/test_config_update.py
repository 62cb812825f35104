"""What entries of update.config are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import find
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import Place
from tsnode.model.fields import Fields
from tsnode.model.schedule import ScheduledUpdate
from tsnode.testing.config_update import render_update, scheduled_updates


class Updates(SynchronousTestCase):
    def test_entries_of_every_kind_are_drawn(self) -> None:
        find(scheduled_updates(1), lambda drawn: any(b"ftp:" in one.url for one in drawn))
        find(scheduled_updates(1), lambda drawn: any(one.depth == 128 for one in drawn))
        find(scheduled_updates(1), lambda drawn: any(len(one.headers) > 1 for one in drawn))
        self.assertEqual(find(scheduled_updates(), lambda drawn: True), ())

    def test_an_entry_is_one_line(self) -> None:
        update = ScheduledUpdate(
            url=b"http://a/", headers=Fields([(b"A", b"b"), (b"C", b"")]), offset_hour=13, interval=3600, depth=5,
            place=Place("u"),
        )  # fmt: skip
        self.assertEqual(render_update([update]), "http://a/\\A: b; C: \\13\\3600\\5\\\n")
        self.assertEqual(render_update([update], between="\r\n", closed=False), "http://a/\\A: b\r\nC: \\13\\3600\\5\n")
