"""A node, an origin and whoever comes next, for stories about the rules of caching."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, http_date
from tsnode.testing.node import Answered, NodeInMemory

__all__ = ["CACHE", "HTTP", "URL", "RuleCase"]

URL = "http://a.example/page"
HTTP = "CONFIG proxy.config.http."
CACHE = "CONFIG proxy.config.http.cache."


class RuleCase(SynchronousTestCase):
    def start(self, *records: str) -> None:
        self.node = NodeInMemory("\n".join(records))
        self.origin = self.node.at("a.example")

    def setUp(self) -> None:
        self.start()

    def date(self, offset: float = 0) -> str:
        """The HTTP date so many seconds from now."""
        return http_date(self.node.now + offset)

    def get(self, *lines: str, method: str = "GET", body: bytes = b"") -> Answered:
        return self.node.get(URL, *lines, method=method, body=body)

    def store(self, *lines: str, status: str = "200 OK", asked: tuple[str, ...] = (), after: float = 0) -> None:
        """Somebody gets an answer with these lines, so many seconds ago; the origin answers 200 ``new`` from now on."""
        self.origin.answer(answer(*lines, status=status))
        self.get(*asked)
        self.node.pass_time(after)
        self.origin.answer(answer("Cache-Control: no-store", body=b"new"))
        self.before = len(self.origin.requests)

    def is_hit(self, *lines: str, method: str = "GET") -> bool:
        """Whether a request is answered without the origin."""
        before = len(self.origin.requests)
        self.get(*lines, method=method)
        return len(self.origin.requests) == before

    @property
    def sent(self) -> dict[bytes, bytes]:
        """The field lines of the request that the origin got last."""
        return {name.lower(): value for name, value in self.origin.requests[-1].fields}
