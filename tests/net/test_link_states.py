"""What a connection to a next hop may do after what."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.net.link_states import NEXT, Seen, State


class Table(SynchronousTestCase):
    def test_a_lost_connection_is_closed_whatever_it_was_doing(self) -> None:
        self.assertEqual({NEXT[state, Seen.LOST] for state in State}, {State.CLOSED})

    def test_closed_is_the_end(self) -> None:
        self.assertEqual([seen for seen in Seen if (State.CLOSED, seen) in NEXT], [Seen.LOST])

    def test_only_a_whole_exchange_leads_back_to_idle(self) -> None:
        """Else octets of one exchange could be taken for those of the next (RFC 9112 §9.3, §9.6)."""
        self.assertEqual([step for step, then in NEXT.items() if then is State.IDLE], [(State.RECEIVING, Seen.END)])

    def test_every_state_can_be_reached(self) -> None:
        reached = {State.CONNECTING}
        while more := {NEXT[step] for step in NEXT if step[0] in reached} - reached:
            reached |= more
        self.assertEqual(reached, set(State))

    def test_on_any_way_to_an_answer_the_head_comes_once(self) -> None:
        after_head = {State.EARLY, State.RECEIVING}
        for (state, seen), then in NEXT.items():
            if seen is Seen.HEAD:
                self.assertNotIn(state, after_head)
                self.assertIn(then, after_head)
            elif then in after_head:
                self.assertIn(state, after_head)

    def test_on_any_way_through_an_exchange_the_request_is_sent_once(self) -> None:
        sent = {State.AWAITING, State.RECEIVING}
        for (state, seen), then in NEXT.items():
            if seen is Seen.REQUEST_SENT:
                self.assertNotIn(state, sent)
                self.assertIn(then, sent)
            elif then in sent:
                self.assertIn(state, sent)
