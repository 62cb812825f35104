"""What entries of update.config are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import Place
from tsnode.model.fields import Fields
from tsnode.model.schedule import ScheduledUpdate
from tsnode.testing.config_update import render_update, scheduled_updates


class Updates(SynchronousTestCase):
    def test_entries_of_every_kind_are_drawn(self) -> None:
        drawn: list[ScheduledUpdate] = []

        @given(scheduled_updates())
        def draw(updates: tuple[ScheduledUpdate, ...]) -> None:
            drawn.extend(updates)

        draw()
        self.assertEqual({update.url.startswith(b"http:") for update in drawn}, {True, False})
        self.assertEqual({len(update.headers) for update in drawn}, {0, 1, 2, 3})
        self.assertTrue(any(update.depth for update in drawn))

    def test_an_entry_is_one_line(self) -> None:
        update = ScheduledUpdate(
            url=b"http://a/", headers=Fields([(b"A", b"b"), (b"C", b"")]), offset_hour=13, interval=3600, depth=5,
            place=Place("u"),
        )  # fmt: skip
        self.assertEqual(render_update([update]), "http://a/\\A: b; C: \\13\\3600\\5\\\n")
        self.assertEqual(render_update([update], between="\r\n", closed=False), "http://a/\\A: b\r\nC: \\13\\3600\\5\n")
