"""One fetch for many askers, from the asker's side."""

from __future__ import annotations

from tests.transaction.stand_ins import Material
from tests.transaction.test_fetch import FetchCase
from tsnode.model.errors import UpstreamFailed
from tsnode.stores.memory import MemoryStore

LIFETIME = "Cache-Control: max-age=60"
REFUSED = UpstreamFailed("refused", committed=False)


class Shared(FetchCase):
    def test_many_ask_and_one_fetch_is_made(self) -> None:
        clients = [self.shared() for _ in range(3)]
        self.hops.respond(LIFETIME)
        self.assertEqual([client.response.read() for client in clients], [b"hello"] * 3)
        self.assertEqual(len(self.hops.orders), 1)
        self.assertEqual(
            [client.marks[0][0] for client in clients], ["TCP_MISS", "TCP_CF_HIT", "TCP_CF_HIT"]
        )
        self.assertEqual(self.world.counters.cache_hit_rww, 2)

    def test_content_reaches_all_as_it_comes(self) -> None:
        clients = [self.shared() for _ in range(2)]
        content = self.hops.respond(LIFETIME, body=Material())
        content.push(b"first")
        late = self.shared()
        self.assertEqual([client.response.read() for client in (*clients, late)], [b"first"] * 3)
        content.push(b"second")
        self.assertEqual(late.response.read(), b"second")
        self.assertEqual(
            [client.marks[0][0] for client in (*clients, late)], ["TCP_MISS", "TCP_CF_HIT", "TCP_CF_HIT"]
        )
        self.assertEqual(self.world.counters.cache_hit_rww, 2)

    def test_the_one_who_asked_first_may_leave(self) -> None:
        first, second = self.shared(), self.shared()
        first.leave()
        self.hops.respond(LIFETIME)
        self.assertEqual((self.hops.cancelled, second.response.read()), (0, b"hello"))

    def test_without_the_first_there_are_as_many_tries_as_with_it(self) -> None:
        first, second = self.shared(), self.shared()
        first.leave()
        self.hops.fail(REFUSED)
        self.hops.respond(LIFETIME)
        self.assertEqual(second.response.read(), b"hello")

    def test_one_who_waits_may_leave(self) -> None:
        first, second = self.shared(), self.shared()
        second.leave()
        self.hops.respond(LIFETIME)
        self.assertEqual((first.response.status, second.responses), (200, []))

    def test_where_the_answer_is_for_one_only_each_fetches_for_itself(self) -> None:
        first, second = self.shared(), self.shared()
        self.hops.respond("Cache-Control: private")
        self.assertEqual((first.response.status, second.responses, len(self.hops.orders)), (200, [], 2))
        self.hops.respond("Cache-Control: private", body=b"mine")
        self.assertEqual(second.response.read(), b"mine")

    def test_whoever_comes_too_late_for_the_start_fetches_for_itself_and_so_do_others_for_a_while(self) -> None:
        self.start(store=MemoryStore(100_000, 100_000, 0))
        first = self.shared()
        content = self.hops.respond(LIFETIME, body=Material())
        for _ in range(30):
            content.push(bytes(50_000))
            first.response.read()
        late, later = self.shared(), self.shared()
        self.assertEqual((len(self.hops.orders), late.responses, later.responses), (3, [], []))
        # the second one did not even try to share
        self.assertEqual(self.world.counters.followers, 1)
        self.hops.respond(body=b"late", at=0)
        self.assertEqual(late.response.read(), b"late")

    def test_an_error_is_told_to_all(self) -> None:
        clients = [self.shared() for _ in range(3)]
        for _ in range(4):
            self.hops.fail(REFUSED)
        self.assertEqual([client.response.status for client in clients], [502] * 3)
        self.assertEqual(len(self.hops.orders), 4)

    def test_a_defect_breaks_one_transaction_and_is_an_error_to_the_others(self) -> None:
        first, second = self.shared(), self.shared()
        self.hops.confuse()
        self.assertEqual([failure.type for failure in first.failures], [AttributeError])
        self.assertEqual((second.response.status, second.failures), (502, []))

    def test_a_copy_is_revalidated_once_for_all(self) -> None:
        old = self.keep()
        clients = [self.shared(stale=old) for _ in range(2)]
        self.hops.respond(status=304, body=b"")
        self.assertEqual([client.response.read() for client in clients], [b"0123456789"] * 2)
        self.assertEqual([client.marks[0][0] for client in clients], ["TCP_REFRESH_HIT"] * 2)
        self.assertEqual(self.world.counters.cache_hit_revalidated, 2)
