"""Specifiers, alone and together."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.parent import parse_parent
from tsnode.matching.request import RuleRequest, see_request
from tsnode.matching.specifiers import Clients
from tsnode.model.addresses import AddressRange
from tsnode.model.target import parse_target


def request(
    url: str = "http://h/",
    *,
    method: bytes = b"GET",
    client: str = "127.0.0.1",
    local_port: int = 8080,
    internal: bool = False,
    time_of_day: int = 0,
) -> RuleRequest:
    return see_request(
        parse_target(b"GET", url.encode(), b""),
        method=method,
        client=client,
        local_port=local_port,
        internal=internal,
        time_of_day=time_of_day,
    )


class Specifiers(SynchronousTestCase):
    def holds(self, pairs: str, of: RuleRequest) -> bool:
        """Whether all specifiers of a line hold, as they are written in a file."""
        (rule,) = parse_parent("p", f"dest_domain=. go_direct=true {pairs}").value
        return rule.condition.missing(of) is None

    def holding(self, pairs: str, *urls: str) -> list[str]:
        return [url for url in urls if self.holds(pairs, request(f"http://h{url}"))]

    def test_a_prefix_heeds_case_and_neither_segments_nor_leading_slashes(self) -> None:
        urls = ("/images", "/imagesfoo", "//images/x", "/Images", "/a/images")
        for pair in ("prefix=/images", "prefix=images", "prefix=///images"):
            self.assertEqual(self.holding(pair, *urls), ["/images", "/imagesfoo", "//images/x"])
        self.assertEqual(self.holding("prefix=/", *urls), list(urls))
        self.assertEqual(self.holding("prefix=/a;b", "/a;b"), [])

    def test_a_suffix_ends_the_path_in_any_case_and_needs_no_dot(self) -> None:
        urls = ("/x.GIF", "/xgif", "/x.jpg;v=1?q", "/x.png?f=a.gif")
        self.assertEqual(self.holding("suffix=gif,jpg", *urls), ["/x.GIF", "/xgif", "/x.jpg;v=1?q"])
        self.assertEqual(self.holding("suffix=*", *urls), list(urls))

    def test_ports_are_from_to_and_a_url_without_one_has_its_schemes(self) -> None:
        urls = (":8080/", ":8085/", ":8090/", ":8091/", "/")
        self.assertEqual(self.holding("port=8080-8090", *urls), [":8080/", ":8085/", ":8090/"])
        self.assertEqual(self.holding("port=80", *urls), ["/"])
        self.assertTrue(self.holds("port=443", request("https://h/")))

    def test_clients_are_in_a_range_with_both_its_ends(self) -> None:
        clients = ("127.0.1.255", "127.0.2.0", "127.0.2.255", "127.0.3.0", "::1")
        for pair in ("src_ip=127.0.2.0/24", "src_ip=127.0.2.0-127.0.2.255"):
            found = [client for client in clients if self.holds(pair, request(client=client))]
            self.assertEqual(found, ["127.0.2.0", "127.0.2.255"])
        self.assertFalse(Clients(AddressRange(4, 0, 9)).holds(request(client="nobody")))

    def test_times_include_both_ends_and_never_go_over_midnight(self) -> None:
        times = (0, 28799, 28800, 50400, 50401, 86399)
        for pair, holding in (
            ("time=08:00-14:00", [28800, 50400]),
            ("time=23:00-22:00", []),
            ("time=00:00-23:59:59", list(times)),
        ):
            self.assertEqual([time for time in times if self.holds(pair, request(time_of_day=time))], holding)

    def test_a_method_is_that_one_in_any_case(self) -> None:
        methods = (b"GET", b"get", b"GETX", b"HEAD")
        self.assertEqual(
            [method for method in methods if self.holds("method=get", request(method=method))], [b"GET", b"get"]
        )

    def test_a_scheme_is_read_in_any_case(self) -> None:
        self.assertEqual(
            [self.holds("scheme=HTTPS", request(url)) for url in ("https://h/", "http://h/")], [True, False]
        )

    def test_the_nodes_own_requests_and_its_ports_can_be_told(self) -> None:
        for internal in (True, False):
            self.assertEqual(self.holds("internal=true", request(internal=internal)), internal)
            self.assertEqual(self.holds("internal=false", request(internal=internal)), not internal)
        self.assertEqual([self.holds("iport=80", request(local_port=port)) for port in (80, 8080)], [True, False])

    def test_a_tag_never_holds_for_ordinary_requests(self) -> None:
        self.assertFalse(self.holds("tag=a", request()))

    def test_all_of_them_have_to_hold(self) -> None:
        pairs = "prefix=a suffix=gif method=get port=80 scheme=http src_ip=127.0.0.1 internal=false"
        self.assertTrue(self.holds(pairs, request("http://h/a.gif")))
        for other in (
            request("http://h/b.gif"), request("http://h/a.png"), request("http://h:81/a.gif"),
            request("http://h/a.gif", method=b"PUT"), request("http://h/a.gif", client="127.0.0.2"),
            request("http://h/a.gif", internal=True),
        ):  # fmt: skip
            self.assertFalse(self.holds(pairs, other))
        self.assertFalse(self.holds("prefix=a prefix=b", request("http://h/a")))
