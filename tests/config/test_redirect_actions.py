"""The grammar of ``proxy.config.http.redirect.actions``."""

from __future__ import annotations

from tests.config.shape import Messages
from tsnode.config.cursor import Span
from tsnode.config.reading import Reading
from tsnode.config.redirect_actions import parse_redirect_actions
from tsnode.model.errors import Place
from tsnode.model.redirects import AddressClass, RedirectAction

KINDS = "self, loopback, private, multicast, linklocal, routable or default"


def parse(text: str) -> Reading[dict[AddressClass, RedirectAction]]:
    reading = parse_redirect_actions(Span(text, Place("r", 1, 1, text)))
    return Reading(dict(reading.value), reading.errors, reading.warnings)


class RedirectActions(Messages):
    def test_pairs_stand_between_commas(self) -> None:
        reading = parse("routable:follow, Self : REJECT,,default:return")
        self.assertEqual(reading.errors, ())
        self.assertEqual(reading.value, {
            AddressClass.ROUTABLE: RedirectAction.FOLLOW,
            AddressClass.SELF: RedirectAction.REJECT,
            AddressClass.OTHER: RedirectAction.RETURN,
        })  # fmt: skip

    def test_nothing_is_no_action(self) -> None:
        self.assertEqual(parse(""), Reading({}))

    def test_every_fault_is_told_and_the_rest_holds(self) -> None:
        text = "global:follow,self, private:go,loopback:reject,loopback:follow"
        reading = parse(text)
        self.assert_found(reading.errors, [
            ("r:1:1", "'global' is no class of addresses", KINDS),
            ("r:1:15", "'self' has no action", "class:action"),
            ("r:1:29", "'go' is no action", "follow, reject or return"),
            ("r:1:48", "'loopback' is there twice", ""),
        ])  # fmt: skip
        self.assert_marked(reading.errors, text)
        self.assertEqual(reading.value, {AddressClass.LOOPBACK: RedirectAction.REJECT})
