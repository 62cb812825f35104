"""An explanation is the decision: what it says is what a node does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis.strategies import SearchStrategy, booleans, builds, lists, none, one_of, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.transaction.stand_ins import Client, World
from tsnode.caching.overrides import fold_rules
from tsnode.caching.request_facts import NotLookupable
from tsnode.caching.reuse import Forward, NotCached, Serve, WhyForward
from tsnode.caching.storing import DoNotStore, NotStorable, Store
from tsnode.config.tree import Configuration, load
from tsnode.matching.condition import Failed, Matched
from tsnode.model.addresses import parse_address
from tsnode.model.messages import RequestHead, ResponseHead
from tsnode.routing.remap import Mapped, Redirected, Unchanged, Unmapped
from tsnode.semantics.reader import ReaderLimits, RequestReader, ResponseReader
from tsnode.testing.config_cache import cache_rules, render_cache
from tsnode.testing.config_parent import parent_rules, render_parent
from tsnode.testing.node import NodeInMemory
from tsnode.transaction.carry import Carrier
from tsnode.transaction.course import Step
from tsnode.transaction.explanation import Closed, Explanation, Going, Proceeds, Question, Refused, explain

NOW = 1_700_000_000.0
LIMITS = ReaderLimits(head=1 << 16, line=1 << 16)
FORWARD = "CONFIG proxy.config.url_remap.remap_required INT 0\nCONFIG proxy.config.log.logging_enabled INT 0\n"
REMAP = (
    "map http://www.example/ http://origin.example:8080/base/",
    "map http://guarded.example/ http://origin.example/ @action=deny @method=POST @method=GET @src_ip=10.0.0.0/8",
    "redirect http://old.example/ http://www.example/",
    "redirect_temporary http://older.example/ http://www.example/",
    r"regex_map http://(.*)\.wild\.example/ http://$1.example/",
    "map /only-here/ http://third.example/",
)
RECORDS = (
    "CONFIG proxy.config.http.cache.generation INT 7",
    "CONFIG proxy.config.http.cache.http INT 0",
    "CONFIG proxy.config.http.cache.cache_urls_that_look_dynamic INT 0",
    "CONFIG proxy.config.http.cache.ignore_client_no_cache INT 1",
    "CONFIG proxy.config.http.cache.ignore_server_no_cache INT 1",
    "CONFIG proxy.config.http.cache.ignore_authentication INT 1",
    "CONFIG proxy.config.http.cache.required_headers INT 2",
    "CONFIG proxy.config.http.cache.range.lookup INT 0",
    "CONFIG proxy.config.http.cache.range.write INT 1",
    "CONFIG proxy.config.http.negative_caching_enabled INT 1",
    "CONFIG proxy.config.http.push_method_enabled INT 1",
    "CONFIG proxy.config.url_remap.pristine_host_hdr INT 1",
    "CONFIG proxy.config.url_remap.remap_required INT 1",
    "CONFIG proxy.config.reverse_proxy.enabled INT 0",
    "CONFIG proxy.config.header.parse.no_host_url_redirect STRING http://help.example/",
)
NAME = "CONFIG proxy.config.proxy_name STRING edge\n"
EVERYONE = "  - {apply: in, ip_addrs: 0/0, action: allow, methods: ALL}\n"
ACCESS = (
    "",
    "ip_allow:\n" + EVERYONE,
    "ip_allow:\n  - {apply: in, ip_addrs: 127.0.0.1, action: allow, methods: [GET, PURGE, TRACE]}\n",
    "ip_allow:\n  - {apply: in, ip_addrs: 10.0.0.0/8, action: deny, methods: ALL}\n" + EVERYONE,
    "ip_allow:\n  - {apply: out, ip_addrs: 0/0, action: deny, methods: [DELETE, HEAD]}\n" + EVERYONE,
)
CACHE = (
    "dest_domain=example ttl-in-cache=1h",
    "dest_domain=. suffix=x action=never-cache",
    "dest_host=origin.example port=8080 revalidate=5m",
    "url_regex=base scheme=http action=ignore-no-cache cache-responses-to-cookies=1",
    "dest_ip=0.0.0.0-255.255.255.255 method=GET pin-in-cache=1h",
    "dest_ip=0.0.0.0-255.255.255.255 action=standard-cache",
    "host_regex=^o src_ip=10.0.0.0-10.255.255.255 action=never-cache",
)
PARENT = (
    'dest_domain=example parent="p1:8080" round_robin=strict',
    'dest_domain=. method=POST parent="p2:8080;p3:8080"',
    "dest_host=other.example go_direct=true",
    'url_regex=x$ parent="p4:8080"',
    'dest_ip=0.0.0.0-255.255.255.255 parent="p5:8080"',
)
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PURGE", "PUSH", "BREW")
HOSTS = ("www", "origin", "guarded", "old", "older", "a", "a.wild", "other", "third")
LINES = (
    "Cache-Control: no-cache", "Cache-Control: no-store", "Cache-Control: only-if-cached", "Pragma: no-cache",
    "Authorization: Basic eA==", "Cookie: a=b", "Range: bytes=0-1", 'If-None-Match: "other"', "Via: 1.1 edge",
    "Max-Forwards: 0", "Connection: upgrade\r\nUpgrade: chat", "Content-Length: 0", "Accept: text/plain",
)  # fmt: skip
ANSWER_LINES = (
    "Cache-Control: max-age=0, stale-while-revalidate=9", "Content-Location: /", "CDN-Cache-Control: max-age=9",
    "Cache-Control: max-age=60", "Cache-Control: private", "Cache-Control: no-store", "Cache-Control: no-cache",
    "Cache-Control: public", "Cache-Control: s-maxage=5", 'ETag: "a"', "Last-Modified: Mon, 13 Nov 2023 00:00:00 GMT",
    "Expires: 0", "Vary: *", "Vary: Accept", "Set-Cookie: a=b", "Content-Type: text/plain", "WWW-Authenticate: Basic",
    "Age: 70", "Pragma: no-cache", "Location: /elsewhere",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A configuration, a request and the answer that every origin has for it."""

    records: Sequence[str]
    remap: Sequence[str]
    access: str
    client: str
    method: str
    host: str
    path: str
    absolute: bool
    lines: Sequence[str]
    status: int
    answer_lines: Sequence[str]
    cache: str
    parent: str

    @property
    def request(self) -> bytes:
        """What the client sends."""
        host = f"{self.host}.example"
        target = f"http://{host}{self.path}" if self.absolute else self.path
        head = "\r\n".join([f"{self.method} {target} HTTP/1.1", f"Host: {host}", *self.lines, "", ""])
        return head.encode()

    @property
    def answer(self) -> bytes:
        """What origins send."""
        body = b"" if self.method == "HEAD" or self.status == 204 else b"hello"
        length = [] if self.status == 204 else ["Content-Length: 5"]
        head = "\r\n".join([f"HTTP/1.1 {self.status} Because", *length, *self.answer_lines, "", ""])
        return head.encode() + body


def scenes() -> SearchStrategy[Scene]:
    """Requests to nodes with some settings, of which a few are other than usual."""
    return builds(
        Scene,
        lists(sampled_from(RECORDS), max_size=2, unique=True),
        lists(sampled_from(REMAP), max_size=4, unique=True),
        sampled_from(ACCESS),
        sampled_from(("127.0.0.1", "127.0.0.1", "10.0.0.1")),
        sampled_from(METHODS),
        sampled_from(HOSTS),
        sampled_from(("/", "/x", "/x?y", "/only-here/x")),
        booleans(),
        lists(sampled_from(LINES), max_size=3, unique=True),
        sampled_from((200, 200, 200, 203, 204, 301, 302, 404, 410, 500)),
        lists(sampled_from(ANSWER_LINES), max_size=4, unique=True),
        one_of(lists(sampled_from(CACHE), max_size=4).map("\n".join), cache_rules().map(render_cache)),
        one_of(lists(sampled_from(PARENT), max_size=3).map("\n".join), parent_rules().map(render_parent)),
    )


def tree_of(files: dict[str, str]) -> Configuration:
    """The configuration in files of that text."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        for name, text in files.items():
            if text:
                (folder / name).write_text(text)
        return load(folder, folder, {}).tree


def read(octets: bytes) -> RequestHead:
    """A request as a node reads it."""
    reader = RequestReader(LIMITS)
    reader.receive(octets)
    head = reader.next()
    assert isinstance(head, RequestHead)
    return head


def read_answer(octets: bytes, method: bytes) -> ResponseHead:
    """An answer as a node reads it."""
    reader = ResponseReader(LIMITS)
    reader.expect(method)
    reader.receive(octets)
    head = reader.next()
    assert isinstance(head, ResponseHead)
    return head


class Agreement(SynchronousTestCase):
    """A node in memory does what the explanation says."""

    @given(scenes())
    def test_it_is_what_the_node_does(self, scene: Scene) -> None:
        records = NAME + "\n".join(scene.records) + "\n"
        remap = "\n".join(scene.remap) + "\n"
        node = NodeInMemory(records, remap, scene.access)
        for name, text in (("cache.config", scene.cache), ("parent.config", scene.parent)):
            (node.folder / name).write_text(text)
        self.assertEqual(node.reload().errors, ())
        told = self.explain(scene, node, load(node.folder, node.folder, {}).tree)
        self.check_rules(told)
        origins = {
            (f"{host}.example", port): node.at(f"{host}.example", port).answer(scene.answer)
            for host in HOSTS
            for port in (80, 8080)
        }
        client = node.client(scene.client)
        self.assertEqual(client.closed, isinstance(told.outcome, Closed))
        if client.closed:
            return
        client.send(scene.request)
        (answer,) = client.answers(scene.method.encode())
        asked = [(host, port, head) for (host, port), origin in origins.items() for head in origin.requests]
        match told.outcome:
            case Refused(status):
                self.assertEqual((answer.status, asked), (status, []))
            case Redirected(location):
                self.assertEqual((answer.status, asked), (told.outcome.status_for(11), []))
                self.assertEqual(answer.fields.get(b"location"), location)
            case Proceeds(Step.TRACE | Step.OPTIONS):
                self.assertEqual((answer.status, asked), (200, []))
            case Proceeds(Step.PURGE):
                self.assertEqual((answer.status, asked), (404, []))
            case _ if told.going is Going.DENIED:
                self.assertEqual((answer.status, asked), (403 if not self.not_cached(told) else 504, []))
            case _ if self.not_cached(told):
                self.assertEqual((answer.status, asked), (504, []))
            case _:
                self.check_asked(told, asked)
        self.assertEqual(told.asks, bool(asked))
        looked_up = isinstance(told.outcome, Proceeds) and told.outcome.step is Step.LOOK_UP
        self.assertEqual(node.counters.cache_lookups, looked_up)
        stored = told.storing is not None and isinstance(told.storing.storing, Store)
        self.assertEqual(node.counters.cache_writes, stored)
        if stored:
            self.check_again(told, scene, node)

    def explain(self, scene: Scene, node: NodeInMemory, tree: Configuration) -> Explanation:
        """What is told of a scene; where it is about addresses, that of the host is known."""
        head = read(scene.request)
        question = Question(
            request=head,
            client=scene.client,
            port=8080,
            now=node.now,
            time_of_day=0,
            response=read_answer(scene.answer, head.method),
        )
        routed = explain(tree, question).routed
        if routed is None:
            return explain(tree, question)
        host = routed.target.host.decode()
        return explain(tree, replace(question, address=parse_address(node.network.address_of(host))))

    def check_rules(self, told: Explanation) -> None:
        """What is decided comes from just the rules that are said to match."""
        if told.routed is None:
            return
        caching, parents = told.routed.caching, told.routed.parents
        matched = [rule for rule, verdict in caching.judged.verdicts if isinstance(verdict, Matched)]
        self.assertEqual(caching.effect, fold_rules(matched))
        first = next((rule for rule, verdict in parents.judged.verdicts if isinstance(verdict, Matched)), None)
        self.assertIs(parents.rule, first)
        self.assertFalse(parents.applied)

    def not_cached(self, told: Explanation) -> bool:
        """Whether it says that the client gets nothing that is not stored."""
        return told.routed is not None and isinstance(told.routed.empty, NotCached)

    def check_asked(self, told: Explanation, asked: list[tuple[str, int, RequestHead]]) -> None:
        """One origin was asked, the one that is told, for what is told."""
        ((host, port, head),) = asked
        assert told.routed is not None
        target = told.routed.target
        self.assertEqual((host, port), (target.host.decode(), target.port))
        self.assertEqual(head.fields.get(b"host"), told.routed.host)
        if target.path != b"*":
            self.assertEqual(head.target, target.path)

    def check_again(self, told: Explanation, scene: Scene, node: NodeInMemory) -> None:
        """The same request again is served or revalidated, as is told."""
        assert told.storing is not None
        before = node.counters.plain_hits + node.counters.cache_hit_fresh + node.counters.cache_hit_ims
        node.client(scene.client).send(scene.request)
        served = node.counters.plain_hits + node.counters.cache_hit_fresh + node.counters.cache_hit_ims - before
        self.assertEqual(served, isinstance(told.storing.again, Serve))

    @given(
        lists(sampled_from(REMAP), max_size=4, unique=True), sampled_from(HOSTS), booleans(),
        one_of(none(), sampled_from(RECORDS)),
    )  # fmt: skip
    def test_the_key_is_the_one_that_the_answer_is_stored_under(
        self, rules: Sequence[str], host: str, absolute: bool, record: str | None
    ) -> None:
        remap = "\n".join(rules) + "\n"
        tree = tree_of({"records.config": f"{FORWARD}{record or ''}\n", "remap.config": remap})
        target = f"http://{host}.example/x" if absolute else "/x"
        head = read(f"GET {target} HTTP/1.1\r\nHost: {host}.example\r\n\r\n".encode())
        told = explain(tree, Question(request=head, client="127.0.0.1", port=8080, now=NOW, time_of_day=0))
        world = World(policy=tree.caching, settings=tree.settings, remap=remap)
        Carrier(world.services).carry(head, None, Client())
        if world.hops.orders:
            world.hops.respond("Cache-Control: max-age=60")
        keys = [told.routed.facts.key] if told.routed is not None and told.routed.facts.lookupable else []
        self.assertEqual(list(world.store.keys()), keys)


class Told(SynchronousTestCase):
    """What is in an explanation."""

    def ask(self, url: str, *lines: str, method: str = "GET", client: str = "127.0.0.1", **files: str) -> Explanation:
        """What a forward proxy would do with a request; ``files`` by the first part of their names."""
        names = {"records": "records.config", "remap": "remap.config", "ip_allow": "ip_allow.yaml"}
        texts = {names.get(name, f"{name}.config"): text for name, text in files.items()}
        texts["records.config"] = FORWARD + NAME + texts.get("records.config", "")
        host = url.split("/")[2] if "//" in url else url
        head = read("\r\n".join([f"{method} {url} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode())
        return explain(
            tree_of(texts), Question(request=head, client=client, port=8080, now=NOW, time_of_day=43200)
        )

    def test_the_rule_of_ip_allow_that_decides_is_told_with_its_place(self) -> None:
        told = self.ask("http://a.example/", client="10.0.0.1", ip_allow=ACCESS[3])
        assert told.access.rule is not None and told.access.rule.place is not None
        self.assertEqual((told.access.rule.place.line, told.outcome), (2, Closed()))

    def test_a_client_that_no_rule_names_is_told_so(self) -> None:
        told = self.ask("http://a.example/", client="10.0.0.1")
        self.assertIsNone(told.access.rule)
        self.assertEqual(told.outcome, Closed())

    def test_a_denied_method_is_refused_before_anything_is_mapped(self) -> None:
        told = self.ask("http://a.example/", method="DELETE", ip_allow=ACCESS[2])
        assert isinstance(told.outcome, Refused)
        self.assertEqual((told.outcome.status, told.mapping), (403, None))

    def test_the_rule_of_remap_config_that_applies_is_told_with_its_place(self) -> None:
        told = self.ask("http://old.example/x", remap="\n".join(REMAP))
        assert isinstance(told.mapping, Redirected) and told.mapping.rule is not None
        self.assertEqual(told.mapping.rule.place.line, 3)
        told = self.ask("http://www.example/x", remap="\n".join(REMAP))
        assert isinstance(told.mapping, Mapped) and told.routed is not None
        self.assertEqual(told.mapping.rule.place.line, 1)
        self.assertEqual(told.routed.target.url, b"http://origin.example:8080/base/x")

    def test_where_no_rule_applies_it_is_told_whether_one_is_needed(self) -> None:
        self.assertEqual(self.ask("http://a.example/").mapping, Unchanged())
        told = self.ask("http://a.example/", records="CONFIG proxy.config.url_remap.remap_required INT 1\n")
        self.assertEqual(told.mapping, Unmapped(404, b"Not Found"))

    def test_a_request_that_has_been_here_is_refused(self) -> None:
        told = self.ask("http://a.example/", "Via: 1.1 edge")
        assert isinstance(told.outcome, Refused)
        self.assertEqual((told.outcome.status, told.outcome.reason), (400, b"Cycle Detected"))

    def test_a_tunnel_goes_to_ports_that_are_allowed_only(self) -> None:
        told = self.ask("a.example:443", method="CONNECT")
        self.assertEqual((told.outcome, told.going, told.asks), (Proceeds(Step.TUNNEL), Going.UNRESTRICTED, True))
        told = self.ask("a.example:25", method="CONNECT")
        assert isinstance(told.outcome, Refused)
        self.assertEqual((told.outcome.status, told.asks), (403, False))

    def test_rules_about_destinations_need_an_address(self) -> None:
        for url, going in (("http://a.example/", Going.UNKNOWN), ("http://192.0.2.1/", Going.DENIED)):
            self.assertIs(self.ask(url, method="HEAD", ip_allow=ACCESS[4]).going, going)
        self.assertIs(self.ask("http://192.0.2.1/", ip_allow=ACCESS[4]).going, Going.PERMITTED)
        told = self.ask("192.0.2.1:443", method="CONNECT", ip_allow=ACCESS[4])
        self.assertIs(told.going, Going.PERMITTED)

    def test_what_is_carried_past_the_cache_is_told_why(self) -> None:
        told = self.ask("http://a.example/", records="CONFIG proxy.config.http.cache.http INT 0\n")
        assert told.routed is not None
        self.assertEqual((told.routed.facts.bypass, told.routed.empty), (NotLookupable.CACHING_IS_OFF, None))
        self.assertEqual(told.outcome, Proceeds(Step.FETCH))

    def test_with_nothing_stored_the_next_hop_is_asked(self) -> None:
        told = self.ask("http://a.example/")
        assert told.routed is not None
        self.assertEqual(told.routed.empty, Forward(WhyForward.MISS))
        self.assertTrue(told.asks)

    def test_every_rule_of_cache_config_has_its_verdict_and_every_decision_its_rule(self) -> None:
        rules = (
            "dest_domain=example suffix=gif ttl-in-cache=1h\ndest_domain=example revalidate=5m\n"
            "dest_host=b.example action=never-cache\n"
        )
        told = self.ask("http://a.example/x.gif", cache=rules)
        assert told.routed is not None
        shown = told.routed.caching
        matched = [isinstance(verdict, Matched) for _, verdict in shown.judged.verdicts]
        self.assertEqual(matched, [True, True, False])
        assert shown.effect.ttl_in_cache is not None and shown.effect.revalidate is not None
        self.assertEqual(shown.effect.ttl_in_cache.rule.place.line, 1)
        self.assertEqual(shown.effect.revalidate.rule.place.line, 2)
        self.assertEqual(len(shown.judged.nearest().verdicts), 2)

    def test_the_first_rule_of_parent_config_that_matches_applies(self) -> None:
        rules = (
            'dest_domain=example time=00:00-01:00 parent="p1:80"\ndest_domain=. parent="p2:80"\n'
            'dest_domain=example parent="p3:80"\n'
        )
        told = self.ask("http://a.example/", parent=rules)
        assert told.routed is not None
        shown = told.routed.parents
        assert shown.rule is not None
        self.assertEqual(shown.rule.place.line, 2)
        first = shown.judged.verdicts[0][1]
        assert isinstance(first, Failed)
        self.assertEqual(first.part.label, "time")

    def test_rules_are_about_the_url_after_mapping(self) -> None:
        told = self.ask(
            "http://www.example/x", remap=REMAP[0], cache="dest_host=origin.example port=8080 action=never-cache\n"
        )
        assert told.routed is not None and told.routed.caching.effect.never_cache is not None
        self.assertTrue(told.routed.caching.effect.never_cache.value)

    def test_an_unsafe_request_tells_what_its_answer_drops(self) -> None:
        head = read(b"DELETE http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n")
        response = read_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"DELETE")
        question = Question(
            request=head, client="127.0.0.1", port=8080, now=NOW, time_of_day=0, response=response
        )
        told = explain(tree_of({"records.config": FORWARD}), question)
        assert told.storing is not None
        self.assertEqual(told.storing.storing, DoNotStore(NotStorable.METHOD))
        self.assertEqual(told.storing.invalidates, (b"http://a.example/x",))
