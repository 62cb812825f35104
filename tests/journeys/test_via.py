"""What Via tells on both sides of a node."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer
from tsnode.testing.node import NodeInMemory

URL = "http://a.example/page"
FRESH = 'Cache-Control: max-age=60'


class ViaCase(SynchronousTestCase):
    def start(self, level: int) -> None:
        self.node = NodeInMemory(
            "CONFIG proxy.config.proxy_name STRING edge\n"
            f"CONFIG proxy.config.http.insert_request_via_str INT {level}\n"
            f"CONFIG proxy.config.http.insert_response_via_str INT {level}\n"
        )
        self.origin = self.node.at("a.example")

    def told(self, *lines: str, url: str = URL, method: str = "GET") -> str:
        """What clients are told."""
        return (self.node.get(url, *lines, method=method).fields.get(b"via") or b"").decode()

    def told_origin(self) -> str:
        """What the origin was told last."""
        return (self.origin.requests[-1].fields.get(b"via") or b"").decode()


class Codes(ViaCase):
    def test_a_miss_hits_and_a_confirmation(self) -> None:
        self.start(2)
        self.origin.answer(
            answer(FRESH, 'ETag: "a"'), answer(FRESH, 'ETag: "a"', status="304 Not Modified", body=b"")
        )
        self.assertEqual(self.told(), "http/1.1 edge (tsnode [cMsSfW])")
        self.assertEqual(self.told_origin(), "1.1 edge (tsnode [uScM])")
        for _ in range(3):
            self.assertEqual(self.told(), "http/1.1 edge (tsnode [cRs f ])")
        self.assertEqual(self.told("Accept: x", "Cookie: a"), "http/1.1 edge (tsnode [cRs f ])")
        self.assertGreater(self.node.counters.plain_hits, 0)
        self.node.pass_time(61)
        self.assertEqual(self.told(), "http/1.1 edge (tsnode [cSsNfU])")
        self.assertEqual(self.told_origin(), "1.1 edge (tsnode [uScS])")

    def test_the_same_fields_tell_of_another_look_up(self) -> None:
        self.start(3)
        self.origin.answer(answer(FRESH), answer("Cache-Control: no-store"), answer("Cache-Control: no-store"))
        self.told()
        self.assertEqual(self.told_origin(), "1.1 edge (tsnode [uScMs f p eN:t cCMp s ])")
        self.node.pass_time(61)
        self.assertEqual(self.told(), "http/1.1 edge (tsnode [uScSsSfDpSeN:t cCSp sS])")
        self.assertEqual(self.told_origin(), "1.1 edge (tsnode [uScSs f p eN:t cCSp s ])")
        self.assertEqual(self.told(), "http/1.1 edge (tsnode [uScMsSf pSeN:t cCMp sS])")
        self.assertEqual(self.told_origin(), "1.1 edge (tsnode [uScMs f p eN:t cCMp s ])")

    def test_protocols_are_told_on_request_and_by_hits_as_well(self) -> None:
        self.start(4)
        self.origin.answer(answer(FRESH))
        self.assertEqual(self.told(), "http/1.1 edge (tsnode [uScMsSfWpSeN:t cCMp sS] [http/1.1 tcp ipv4])")
        for _ in range(2):
            self.assertEqual(self.told(), "http/1.1 edge (tsnode [uScRs f p eN:t cCHp s ] [http/1.1 tcp ipv4])")
        self.assertEqual(self.node.counters.plain_hits, 0)

    def test_a_stale_answer_for_want_of_another(self) -> None:
        self.start(3)
        self.origin.answer(answer(FRESH))
        self.told()
        self.node.pass_time(61)
        self.origin.hang_up()
        self.origin.answer(b"garbage\r\n\r\n")
        self.assertEqual(self.told(), "http/1.1 edge (tsnode [uScSsEf p eN:t cCHp sF])")

    def test_errors(self) -> None:
        self.start(3)
        self.assertEqual(
            self.told(url="http://unknown.invalid/"), "http/1.1 edge (tsnode [uScMsEf p eD:t cCMp sF])"
        )
        self.assertEqual(
            self.told("Cache-Control: only-if-cached"), "http/1.1 edge (tsnode [uScMs f p eT:t cCMp s ])"
        )
        self.assertEqual(
            self.told("Via: 1.1 edge"), "http/1.1 edge (tsnode [uEc s f p eL:t c  p s ])"
        )
