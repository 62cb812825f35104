"""The lane's reader beside the strict one."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis.strategies import DrawFn, binary, composite, just, lists, one_of, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.semantics.streams import damaged
from tsnode.model.messages import EMPTY, RequestHead
from tsnode.semantics.plain_get import PlainGet, read_plain_get
from tsnode.semantics.reader import ReaderLimits, RequestReader

TELLING = (
    b"authorization", b"cache-control", b"cdn-loop", b"content-length", b"cookie", b"expect", b"if-match",
    b"if-modified-since", b"if-none-match", b"if-range", b"if-unmodified-since", b"max-forwards", b"pragma",
    b"proxy-authorization", b"range", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"via",
)  # fmt: skip

HARMLESS = (
    b"Accept: */*", b"User-Agent: x (y)", b"X-Via: 1.1 a", b"Upgrade-Insecure-Requests: 1", b"Ranges: x", b"Tea: x",
    b"Connection: keep-alive", b"proxy-connection:Keep-Alive ", b"Accept-Language: \xe4", b"Empty:", b"Hosting: x",
)  # fmt: skip

NOT_PLAIN = (
    b"Connection: close", b"Connection: keep-alive, x", b"Connection:", b"Proxy-Connection: close", b"Host: b",
    b"Keep-Alive: 5", b"A : b", b" a: b", b"A", b": b", b"A: \x00", b"A: b\rc", b"A: b\nC: d", b"A\x80: b",
)  # fmt: skip


def get(*lines: bytes, target: bytes = b"/a", host: bytes = b"a.example") -> bytes:
    """A GET of those lines."""
    return b"\r\n".join((b"GET " + target + b" HTTP/1.1", b"Host: " + host, *lines, b"", b""))


@composite
def gets(draw: DrawFn) -> bytes:
    """GETs, some plain and some not."""
    targets = (b"/", b"/a?b=c", b"http://a.example/", b"http://A.example:81/b", b"http://a", b"//a", b"/a#b", b"*")
    hosts = (b"a.example", b"A.Example", b"A:80", b"a_b", b"[::1]", b"a b")
    named = sampled_from(TELLING).flatmap(lambda name: sampled_from((name, name.upper(), name.title()))).map(
        lambda name: name + b": x"
    )
    lines = draw(lists(sampled_from(HARMLESS), max_size=3))
    lines += draw(lists(one_of(sampled_from(NOT_PLAIN), named), max_size=1))
    written = [b"GET %b HTTP/1.1" % draw(sampled_from(targets)), *lines]
    place = draw(sampled_from(range(1, len(written) + 1)))
    written.insert(place, draw(sampled_from((b"Host: ", b"host:"))) + draw(sampled_from(hosts)))
    return b"\r\n".join((*written, b"", b""))


class PlainGets(SynchronousTestCase):
    """It may see less than the strict reader, and never anything else."""

    def test_a_plain_get_is_told_by_its_target_and_host(self) -> None:
        self.assertEqual(read_plain_get(get()), PlainGet(b"/a", b"a.example"))
        self.assertEqual(read_plain_get(get(host=b" A:81\t")), PlainGet(b"/a", b"A:81"))
        for target in (b"http://b.example/a?b", b"http://b.example:81", b"http://b"):
            self.assertEqual(read_plain_get(get(target=target)), PlainGet(target, None))

    def test_fields_that_ask_for_nothing_more_make_no_difference(self) -> None:
        self.assertEqual(read_plain_get(get(*HARMLESS)), PlainGet(b"/a", b"a.example"))
        for line in HARMLESS:
            self.assertEqual(read_plain_get(get(line, line)), PlainGet(b"/a", b"a.example"), line)

    def test_fields_that_ask_for_more_are_left_to_others(self) -> None:
        for name in TELLING:
            for written in (name, name.upper(), name.title()):
                self.assertIsNone(read_plain_get(get(written + b": x")), written)
                self.assertIsNone(read_plain_get(get(b"Accept: x", written + b":")), written)

    def test_anything_unusual_is_left_to_others(self) -> None:
        for line in NOT_PLAIN:
            self.assertIsNone(read_plain_get(get(line)), line)
        for target in (b"*", b"a", b"", b"/a#b", b"/a b", b"/\x80", b"https://a/", b"http://u@a/", b"http://a?b", b"http:///a"):
            self.assertIsNone(read_plain_get(get(target=target)), target)
        for host in (b"", b"a b", b"a/b", b"u@a", b"a:", b"a:x", b"a, b"):
            self.assertIsNone(read_plain_get(get(host=host)), host)

    def test_only_exactly_one_complete_get_is_one(self) -> None:
        for octets in (
            b"", get()[:-2], get()[:-1], get() + b"x", get() + get(), b"\r\n" + get(), get().replace(b"GET", b"get"),
            get().replace(b"GET", b"HEAD"), get().replace(b"1.1", b"1.0"), get().replace(b"\r\n", b"\n"),
            b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nAccept: x\r\n\r\n",
        ):  # fmt: skip
            self.assertIsNone(read_plain_get(octets), octets)

    @settings(max_examples=5 * settings().max_examples)
    @given(one_of(gets(), damaged(gets()), binary(max_size=20).map(lambda octets: get(b"A: " + octets)), just(get())))
    @example(get(b"Proxy-Connection: keep-alive"))
    def test_the_strict_reader_reads_the_same_with_nothing_that_matters(self, octets: bytes) -> None:
        plain = read_plain_get(octets)
        reader = RequestReader(ReaderLimits(head=4096, line=4096))
        reader.receive(octets)
        if plain is None:
            return
        head = reader.next()
        assert isinstance(head, RequestHead)
        self.assertEqual((head.method, head.target, head.version), (b"GET", plain.target, 11))
        self.assertIs(head.framing, EMPTY)
        self.assertTrue(head.persistent)
        self.assertEqual(reader.buffered, 0)
        if plain.host is None:
            self.assertTrue(plain.target.startswith(b"http://" + head.host))
        else:
            self.assertEqual(plain.host, head.host)
        self.assertEqual([name for name in TELLING if name in head.fields], [])
        for name in (b"connection", b"proxy-connection"):
            self.assertTrue(all(value.lower() == b"keep-alive" for value in head.fields.all(name)))
