"""One fetch for many askers."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from, tuples
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import ask, dated, stored
from tests.transaction.stand_ins import World, request
from tsnode.model.errors import BadGateway
from tsnode.model.settings import Sharing
from tsnode.model.target import CacheKey
from tsnode.ports import IContent
from tsnode.testing.fills import make_alternate
from tsnode.transaction.flights import Aboard, Confirmed, Crashed, Flight, Outcome, Overdue, Released, Stored
from tsnode.transaction.joined import Whole

KEY = CacheKey(b"http://a.example/x")
OTHER = CacheKey(b"http://b.example/")
ALTERNATE = make_alternate()
ENGLISH = stored(*dated("Vary: Accept-Language"), request=ask("Accept-Language: en"))

STEPS = ("fly", "board", "stream", "confirm", "release", "crash", "wait")


class Fill:
    """A content on its way."""

    def read(self) -> IContent:
        """See Readable."""
        return Whole(b"hello")


class FlightCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.flights = self.world.flights
        self.flight = self.take_off()

    def take_off(self, key: CacheKey = KEY, *lines: str) -> Flight:
        return self.flights.take_off(key, request(*lines))

    def board(self, *lines: str, key: CacheKey = KEY) -> Deferred[Outcome]:
        """Somebody gets a place."""
        boarded = self.flights.board(key, request(*lines))
        assert boarded is not None
        return boarded

    def assert_full(self, *lines: str, key: CacheKey = KEY) -> None:
        """Nobody gets a place any more."""
        self.assertIsNone(self.flights.board(key, request(*lines)))


class ForNobody(FlightCase):
    """RFC 5861 §3."""

    def test_a_key_that_is_being_fetched_already_needs_no_other_flight(self) -> None:
        self.assertIsNone(self.flights.take_off_for_nobody(KEY, request()))
        self.flight.confirm(ALTERNATE, revalidated=True)
        self.assertIsNotNone(self.flights.take_off_for_nobody(KEY, request()))
        self.assertIsNone(self.flights.take_off_for_nobody(KEY, request()))

    def test_whoever_asks_meanwhile_boards_it(self) -> None:
        flight = self.flights.take_off_for_nobody(OTHER, request())
        assert flight is not None
        waiting = self.board(key=OTHER)
        flight.confirm(ALTERNATE, revalidated=True)
        self.assertEqual(self.successResultOf(waiting), Confirmed(ALTERNATE, True))

    def test_after_one_that_brought_nothing_for_all_there_is_none_for_a_while(self) -> None:
        flight = self.flights.take_off_for_nobody(OTHER, request())
        assert flight is not None
        flight.release()
        self.assertIsNone(self.flights.take_off_for_nobody(OTHER, request()))
        self.world.clock.advance(10)
        self.assertIsNotNone(self.flights.take_off_for_nobody(OTHER, request()))

    def test_what_failed_is_counted(self) -> None:
        for number, end in enumerate((Flight.release, lambda flight: flight.crash(BadGateway("x")))):
            flight = self.flights.take_off_for_nobody(CacheKey(b"%d" % number), request())
            assert flight is not None
            end(flight)
            self.assertEqual(self.world.counters.refreshes_failed, number + 1)
        self.flight.crash(BadGateway("x"))
        self.assertEqual(self.world.counters.refreshes_failed, 2)

    def test_there_are_only_so_many_at_a_time(self) -> None:
        flights = [self.flights.take_off_for_nobody(CacheKey(b"%d" % number), request()) for number in range(100)]
        self.assertNotIn(None, flights)
        self.assertIsNone(self.flights.take_off_for_nobody(OTHER, request()))
        self.assertEqual(self.world.counters.refreshes_refused, 1)
        assert flights[0] is not None
        flights[0].over()
        self.assertIsNotNone(self.flights.take_off_for_nobody(OTHER, request()))


class Boarding(FlightCase):
    def test_there_has_to_be_a_flight_to_the_key(self) -> None:
        self.assert_full(key=OTHER)
        self.assertNoResult(self.board())

    def test_everyone_on_board_is_counted(self) -> None:
        self.board()
        self.board()
        self.assert_full(key=OTHER)
        self.assertEqual(self.world.counters.followers, 2)

    def test_a_flight_that_is_over_takes_nobody(self) -> None:
        self.flight.over()
        self.flight.over()
        self.assert_full()

    def test_of_two_flights_the_later_one_is_boarded(self) -> None:
        later = self.take_off()
        boarded = self.board()
        self.flight.crash(BadGateway("earlier"))
        self.assertNoResult(boarded)
        later.confirm(ALTERNATE, revalidated=False)
        self.assertEqual(self.successResultOf(boarded), Confirmed(ALTERNATE, False))
        self.assert_full()

    def test_the_earlier_one_is_where_the_later_one_brings_something_else(self) -> None:
        """Two languages, once Vary is known."""
        later = self.take_off()
        later.stream(ENGLISH, Fill())
        boarded = self.board("Accept-Language: fr")
        self.flight.confirm(ALTERNATE, revalidated=False)
        self.assertEqual(self.successResultOf(boarded), Confirmed(ALTERNATE, False))


class Endings(FlightCase):
    """What those on board are told."""

    def test_when_the_content_comes_they_read_it_and_so_does_who_comes_later(self) -> None:
        waiting = self.board()
        fill = Fill()
        self.flight.stream(ALTERNATE, fill)
        self.assertEqual(self.successResultOf(waiting), Aboard(ALTERNATE, fill))
        self.assertEqual(self.successResultOf(self.board()), Aboard(ALTERNATE, fill))
        self.flight.over()
        self.assert_full()

    def test_those_whom_the_answer_does_not_fit_are_let_go(self) -> None:
        """RFC 9111 §4.1."""
        english, french = self.board("Accept-Language: en"), self.board("Accept-Language: fr")
        self.flight.stream(ENGLISH, Fill())
        self.assertIsInstance(self.successResultOf(english), Aboard)
        self.assertEqual(self.successResultOf(french), Released())
        self.assert_full("Accept-Language: fr")
        self.assertEqual(self.world.counters.followers_released, 1)

    def test_what_came_whole_or_was_confirmed_is_for_those_whom_it_fits(self) -> None:
        for revalidated in (False, True):
            flight = self.take_off()
            english, french = self.board("Accept-Language: en"), self.board("Accept-Language: fr")
            flight.confirm(ENGLISH, revalidated=revalidated)
            self.assertEqual(self.successResultOf(english), Confirmed(ENGLISH, revalidated))
            self.assertEqual(self.successResultOf(french), Released())

    def test_an_error_is_the_same_for_all(self) -> None:
        waiting = [self.board() for _ in range(3)]
        error = BadGateway("refused")
        self.flight.crash(error)
        self.assertEqual([self.successResultOf(outcome) for outcome in waiting], [Crashed(error)] * 3)
        self.assert_full()

    def test_what_is_for_one_only_lets_all_others_go(self) -> None:
        waiting = [self.board() for _ in range(3)]
        self.flight.release()
        self.assertEqual([self.successResultOf(outcome) for outcome in waiting], [Released()] * 3)
        self.assertEqual(self.world.counters.followers_released, 3)

    def test_an_empty_flight_ends_as_well(self) -> None:
        for flight in (self.flight, self.take_off(), self.take_off()):
            flight.confirm(ALTERNATE, revalidated=True)
        self.assert_full()

    def test_one_who_asks_again_at_once_is_not_told_twice(self) -> None:
        """A follower that is let go may start a flight of its own from within."""
        later: list[Deferred[Outcome]] = []
        waiting = self.board()

        def again(_: Outcome) -> None:
            self.take_off()
            later.append(self.board())

        waiting.addCallback(again)
        self.flight.crash(BadGateway("refused"))
        self.assertNoResult(later[0])


class Leaving(FlightCase):
    def test_who_leaves_is_told_nothing_and_the_others_are(self) -> None:
        first, second = self.board(), self.board()
        first.cancel()
        self.flight.confirm(ALTERNATE, revalidated=False)
        self.failureResultOf(first)
        self.assertIsInstance(self.successResultOf(second), Confirmed)

    def test_leaving_leaves_no_timer(self) -> None:
        waiting = self.board()
        waiting.cancel()
        self.failureResultOf(waiting)
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_nobody_waits_longer_than_the_patience_for_a_head(self) -> None:
        """``proxy.config.tsnode.http.collapse_wait_ms``."""
        waiting = self.board()
        self.world.clock.advance(4.9)
        self.assertNoResult(waiting)
        self.world.clock.advance(0.2)
        self.assertEqual(self.successResultOf(waiting), Overdue())
        self.assertEqual(self.world.counters.followers_released, 1)
        self.flight.crash(BadGateway("too late to be told"))

    def test_without_patience_nobody_waits(self) -> None:
        waiting = self.flights.board(KEY, request(), Sharing(patience=0.0))
        assert waiting is not None
        self.assertEqual(self.successResultOf(waiting), Overdue())
        self.assertEqual(self.world.counters.followers_released, 1)

    def test_who_waits_to_the_end_is_told_at_the_end(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.open_write_fail_action`` 5."""
        waiting = self.flights.board(KEY, request(), Sharing(busy_action=5))
        assert waiting is not None
        self.world.clock.advance(1000)
        self.assertNoResult(waiting)
        self.flight.confirm(ALTERNATE, revalidated=False)
        self.assertEqual(self.successResultOf(waiting), Confirmed(ALTERNATE, False))
        leaving = self.take_off().board(request(), Sharing(busy_action=5))
        assert leaving is not None
        leaving.cancel()
        self.failureResultOf(leaving)

    def test_an_ending_leaves_no_timer(self) -> None:
        for _ in range(3):
            self.board()
        self.flight.stream(ALTERNATE, Fill())
        self.assertEqual(self.world.clock.getDelayedCalls(), [])


class UntilWhole(FlightCase):
    """Traffic Server, ``proxy.config.cache.enable_read_while_writer`` 0."""

    SHARING = Sharing(follow=0)

    def wait(self) -> Deferred[Outcome]:
        """Somebody waits for the whole."""
        waiting = self.flights.board(KEY, request(), self.SHARING)
        assert waiting is not None
        return waiting

    def test_what_comes_is_followed_by_the_others_alone(self) -> None:
        follower, early = self.board(), self.wait()
        fill = Fill()
        self.flight.stream(ALTERNATE, fill)
        late = self.wait()
        self.assertEqual(self.successResultOf(follower), Aboard(ALTERNATE, fill))
        self.flight.over()
        self.assertNoResult(early)
        self.assertNoResult(late)
        self.flight.landed()
        self.assertEqual([self.successResultOf(early), self.successResultOf(late)], [Stored(), Stored()])
        self.assertEqual(self.world.clock.getDelayedCalls(), [])
        self.flight.landed()

    def test_what_comes_whole_is_theirs_at_once(self) -> None:
        waiting = self.wait()
        self.flight.confirm(ALTERNATE, revalidated=False)
        self.assertEqual(self.successResultOf(waiting), Confirmed(ALTERNATE, False))

    def test_they_wait_no_longer_than_the_others(self) -> None:
        waiting = self.wait()
        self.flight.stream(ALTERNATE, Fill())
        self.world.clock.advance(5)
        self.assertEqual(self.successResultOf(waiting), Overdue())

    def test_what_is_for_other_requests_is_not_waited_for(self) -> None:
        self.flight.stream(ENGLISH, Fill())
        self.assertIsNone(self.flights.board(KEY, request("Accept-Language: fr"), self.SHARING))


class Offered(FlightCase):
    """What is coming already."""

    def test_it_is_offered_to_whom_it_fits_from_the_head_on(self) -> None:
        self.assertIsNone(self.flights.offer(KEY, request("Accept-Language: en")))
        fill = Fill()
        self.flight.stream(ENGLISH, fill)
        self.assertEqual(self.flights.offer(KEY, request("Accept-Language: en")), Aboard(ENGLISH, fill))
        self.assertIsNone(self.flights.offer(KEY, request("Accept-Language: fr")))
        self.assertIsNone(self.flights.offer(OTHER, request()))
        self.assertEqual(self.world.counters.followers, 1)
        self.flight.over()
        self.assertIsNone(self.flights.offer(KEY, request("Accept-Language: en")))


class LeftAlone(FlightCase):
    """Keys whose answers were not for others."""

    def test_nobody_boards_for_a_while_and_then_again(self) -> None:
        self.flight.release()
        later = self.take_off()
        self.assert_full()
        self.world.clock.advance(9.9)
        self.assert_full()
        self.world.clock.advance(0.2)
        self.assertNoResult(self.board())
        later.over()
        self.assert_full()

    def test_other_keys_are_not_concerned(self) -> None:
        self.flight.release()
        self.take_off(OTHER)
        self.assertNoResult(self.board(key=OTHER))

    def test_each_time_the_while_begins_anew(self) -> None:
        self.flights.leave_alone(KEY)
        self.world.clock.advance(9)
        self.flights.leave_alone(KEY)
        self.world.clock.advance(9)
        self.assert_full()

    def test_what_is_remembered_of_keys_is_bounded(self) -> None:
        """The oldest of ten thousand gives way."""
        numbered = [CacheKey(b"%d" % number) for number in range(9_998)]
        self.take_off(numbered[0])
        # left alone once more, the first one is not the oldest any longer
        for key in (numbered[0], KEY, *numbered, OTHER):
            self.flights.leave_alone(key)
        self.assert_full()
        self.assert_full(key=numbered[0])
        self.flights.leave_alone(CacheKey(b"one more"))
        self.assertNoResult(self.board())
        self.assert_full(key=numbered[0])


class Histories(SynchronousTestCase):
    @given(lists(tuples(sampled_from(STEPS), integers(0, 2))))
    def test_everyone_on_board_is_told_exactly_one_thing(self, steps: list[tuple[str, int]]) -> None:
        world = World()
        flying: list[Flight] = []
        told: list[list[Outcome]] = []
        for step, number in steps:
            match step:
                case "fly":
                    flying.append(world.flights.take_off(KEY, request()))
                case "board":
                    boarded = world.flights.board(KEY, request())
                    if boarded is not None:
                        told.append([])
                        boarded.addCallback(told[-1].append)
                case "wait":
                    world.clock.advance(number * 4)
                case _ if len(flying) > number:
                    flight = flying.pop(number)
                    match step:
                        case "stream":
                            flight.stream(ALTERNATE, Fill())
                            flight.over()
                        case "confirm":
                            flight.confirm(ALTERNATE, revalidated=True)
                        case "release":
                            flight.release()
                        case _:
                            flight.crash(BadGateway("refused"))
        for flight in flying:
            flight.crash(BadGateway("the end"))
        self.assertEqual([len(outcomes) for outcomes in told], [1] * len(told))
        self.assertEqual(world.clock.getDelayedCalls(), [])
        self.assertEqual(world.counters.followers, len(told))
        self.assertIsNone(world.flights.board(KEY, request()))


class Outdating(FlightCase):
    def test_nobody_boards_what_was_changed_since_its_head_came(self) -> None:
        self.flight.stream(ALTERNATE, Fill())
        self.flights.outdate(KEY)
        self.assert_full()

    def test_who_waits_for_a_head_gets_one_that_knows_of_the_change(self) -> None:
        boarded = self.board()
        self.flights.outdate(KEY)
        self.assertNoResult(boarded)
        self.board()

    def test_a_key_is_outdated_since_what_was_before_and_no_other_is(self) -> None:
        before = self.flights.outdatings
        self.flights.outdate(KEY)
        self.assertTrue(self.flights.is_outdated(KEY, before))
        self.assertFalse(self.flights.is_outdated(KEY, self.flights.outdatings))
        self.assertFalse(self.flights.is_outdated(OTHER, before))

    def test_of_very_many_keys_the_latest_are_known(self) -> None:
        before = self.flights.outdatings
        keys = [CacheKey(b"http://a.example/%d" % number) for number in range(10_001)]
        for key in keys:
            self.flights.outdate(key)
        self.assertFalse(self.flights.is_outdated(keys[0], before))
        self.assertTrue(all(self.flights.is_outdated(key, before) for key in keys[1:]))
