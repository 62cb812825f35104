"""The letters of Via."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tests.transaction.stand_ins import Client, World, request
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import NotLookupable
from tsnode.model.errors import BadRequest, PeerError, UpstreamFailed
from tsnode.model.settings import ProxySettings
from tsnode.transaction.services import Errand
from tsnode.transaction.status import Forwarded
from tsnode.transaction.via import Trace, error_via, plain_hit_via, request_codes, response_via


def at(level: int) -> ProxySettings:
    return ProxySettings(
        remap_required=False, response_via=level, request_via=level, via_name=b"edge", response_via_text=b"node"
    )


def errand(
    *lines: str, level: int = 3, forwarded: Forwarded = Forwarded.URI_MISS, policy: CachingPolicy | None = None,
    client: str = "192.0.2.9", version: int = 11,
) -> Errand:  # fmt: skip
    world, reply = World(settings=at(level), policy=policy or CachingPolicy()), Client()
    reply.client = client
    return world.errand(reply, request(*lines, version=version))._replace(forwarded=forwarded)


def code(asked: Errand, trace: Trace, status: int = 0) -> str:
    """What stands between the brackets."""
    return response_via(asked, 11, trace, status).decode().partition("[")[2].partition("]")[0]


class Codes(SynchronousTestCase):
    """Traffic Server, ``HttpTransact.h``; what 9.2 writes in each of these cases."""

    def test_each_way_of_an_answer_has_its_letters(self) -> None:
        stale = errand(forwarded=Forwarded.STALE)
        for asked, trace, letters in (
            (errand(), Trace.HIT, "uScHs f p eN:t cCHp s "),
            (errand(), Trace.MEMORY_HIT, "uScRs f p eN:t cCHp s "),
            (errand(), Trace.FOLLOWED, "uScWs f p eN:t cCHp s "),
            (errand(), Trace.FETCHED, "uScMsSf pSeN:t cCMp sS"),
            (errand(), Trace.STORED, "uScMsSfWpSeN:t cCMp sS"),
            (stale, Trace.REPLACED, "uScSsSfUpSeN:t cCSp sS"),
            (stale, Trace.DISCARDED, "uScSsSfDpSeN:t cCSp sS"),
            (stale, Trace.CONFIRMED, "uScSsNfUpSeN:t cCSp sS"),
            (stale, Trace.UNCHANGED, "uScSsNf pSeN:t cCSp sS"),
            (stale, Trace.LAST_USE, "uScSsNfDpSeN:t cCSp sS"),
            (stale, Trace.FAILED, "uScSsEf p eN:t cCHp sF"),
            (stale, Trace.MEANWHILE, "uScSs f p eN:t cCHp s "),
        ):
            self.assertEqual(code(asked, trace), letters, trace)

    def test_a_condition_that_was_answered_from_what_is_stored_is_told(self) -> None:
        asked = errand('If-None-Match: "a"')
        self.assertEqual(code(asked, Trace.HIT, 304), "uIcHs f p eN:t cCNp s ")
        self.assertEqual(code(asked, Trace.HIT, 412), "uIcHs f p eN:t cCIp s ")
        self.assertEqual(code(asked, Trace.FETCHED, 304), "uIcMsNf pSeN:t cCMp sS")

    def test_what_the_client_said_is_told(self) -> None:
        asked = errand("Cache-Control: no-cache", forwarded=Forwarded.REQUEST)
        self.assertEqual(code(asked, Trace.STORED), "uNcAsSfWpSeN:t cCUp sS")
        asked = errand("Cookie: a=b", forwarded=Forwarded.REQUEST)
        self.assertEqual(code(asked, Trace.FETCHED), "uCcAsSf pSeN:t cCKp sS")
        asked = errand("Authorization: x", "Cookie: a=b", forwarded=Forwarded.REQUEST)
        self.assertEqual(code(asked, Trace.FETCHED), "uCcAsSf pSeN:t cCUp sS")
        self.assertEqual(code(errand("Authorization: x"), Trace.FETCHED), "uScMsSf pSeN:t cCMp sS")

    def test_every_reason_to_go_on_has_letters(self) -> None:
        for forwarded, letters in (
            (Forwarded.BYPASS, "uSc sSf pSeN:t c  p sS"), (Forwarded.METHOD, "uScMsSf pSeN:t cCDp sS"),
            (Forwarded.VARY_MISS, "uScMsSf pSeN:t cCMp sS"), (Forwarded.PARTIAL, "uScAsSf pSeN:t cCMp sS"),
        ):  # fmt: skip
            self.assertEqual(code(errand(forwarded=forwarded), Trace.FETCHED), letters)

    def test_what_goes_past_the_cache_says_why(self) -> None:
        asked = errand(policy=CachingPolicy(http=False), forwarded=Forwarded.BYPASS)
        self.assertEqual(code(asked, Trace.FETCHED), "uSc sSf pSeN:tOc  p sS")
        for bypass, letter in (
            (NotLookupable.NEVER_CACHE, "O"), (NotLookupable.METHOD, "M"), (NotLookupable.DYNAMIC, "U"),
            (NotLookupable.RANGE, "F"),
        ):  # fmt: skip
            past = asked._replace(facts=replace(asked.facts, bypass=bypass))
            self.assertEqual(code(past, Trace.FETCHED), f"uSc sSf pSeN:t{letter}c  p sS")

    def test_what_another_request_is_storing_was_looked_up_all_the_same(self) -> None:
        asked = errand()
        past = asked._replace(facts=replace(asked.facts, bypass=NotLookupable.BUSY))
        self.assertEqual(code(past, Trace.FETCHED), "uScMsSf pSeN:t cCMp sS")


class Levels(SynchronousTestCase):
    """Traffic Server, ``proxy.config.http.insert_response_via_str``, ``insert_request_via_str``."""

    def test_each_level_tells_clients_more(self) -> None:
        full = "uScMsSfWpSeN:t cCMp sS"
        for level, told in (
            (0, ""), (1, "(node)"), (2, "(node [cMsSfW])"), (3, f"(node [{full}])"),
            (4, f"(node [{full}] [http/1.1 tcp ipv4])"),
        ):  # fmt: skip
            line = response_via(errand(level=level), 11, Trace.STORED).decode()
            self.assertEqual(line, f"Via: http/1.1 edge {told}\r\n" if told else "", level)

    def test_the_version_is_that_of_the_answer_and_the_protocols_are_the_client_s(self) -> None:
        line = response_via(errand(level=4, client="2001:db8::1", version=10), 11, Trace.HIT)
        self.assertTrue(line.startswith(b"Via: http/1.1 edge "))
        self.assertTrue(line.endswith(b" [http/1.0 tcp ipv6])\r\n"))
        self.assertTrue(response_via(errand(level=1), 10, Trace.FETCHED).startswith(b"Via: http/1.0 edge "))

    def test_each_level_tells_next_hops_more(self) -> None:
        full = b"uScSs f p eN:t cCSp s "
        for level, told in (
            (0, b""), (1, b""), (2, b" [uScS]"), (3, b" [%b]" % full), (4, b" [%b] [http/1.1 tcp ipv4]" % full)
        ):  # fmt: skip
            self.assertEqual(request_codes(errand(level=level, forwarded=Forwarded.STALE)), told, level)

    def test_plain_hits_are_told_the_same_way_as_others(self) -> None:
        for level in range(4):
            self.assertEqual(plain_hit_via(at(level)), response_via(errand(level=level), 11, Trace.MEMORY_HIT))
        self.assertIsNone(plain_hit_via(at(4)))


class Errors(SynchronousTestCase):
    def told(self, error: PeerError, forwarded: Forwarded | None = None, level: int = 3) -> str:
        return error_via(at(level), error, forwarded, "192.0.2.9").decode()

    def test_they_tell_what_went_wrong(self) -> None:
        """What Traffic Server 9.2 writes."""
        denied = PeerError("x", status=403, kind=b"http_request_denied")
        self.assertIn("[uEc s f p eF:t c  p s ]", self.told(denied))
        self.assertIn("[uEc s f p eH:t c  p s ]", self.told(BadRequest("x")))
        failed = UpstreamFailed("x", committed=False)
        self.assertIn("[uScMsEf p eC:t cCMp sF]", self.told(failed, Forwarded.URI_MISS))
        self.assertIn("[uSc sEf p eS:t c  p sF]", self.told(PeerError("x"), Forwarded.BYPASS))
        missing = PeerError("x", status=504, kind=b"proxy_internal_response")
        self.assertIn("[uScMs f p eT:t cCMp s ]", self.told(missing))

    def test_levels_hold_for_them_too(self) -> None:
        self.assertEqual(self.told(BadRequest("x"), level=0), "")
        self.assertEqual(self.told(BadRequest("x"), level=1), "http/1.1 edge (node)")
        self.assertEqual(self.told(BadRequest("x"), level=2), "http/1.1 edge (node [c s f ])")
