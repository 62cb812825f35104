"""What a part is told that nobody configured."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.settings import Limits, ListenPort, ProxySettings, Retries, Sharing, StoreSettings, Timeouts


class Defaults(SynchronousTestCase):
    def test_a_node_listens_on_8080_of_every_address(self) -> None:
        self.assertEqual(ProxySettings().ports, (ListenPort(port=8080, address="", ipv6=False),))

    def test_tunnels_go_to_the_two_ports_of_tls_only(self) -> None:
        settings = ProxySettings()
        self.assertEqual((settings.connect_ports, settings.any_connect_port), (frozenset({443, 563}), False))

    def test_what_is_not_mapped_is_refused(self) -> None:
        self.assertTrue(ProxySettings().remap_required)

    def test_what_changes_the_cache_from_outside_is_off(self) -> None:
        self.assertFalse(ProxySettings().push_enabled)

    def test_nobody_who_connects_can_make_us_wait_or_hold_without_bound(self) -> None:
        limits, timeouts = Limits(), Timeouts()
        for bound in (
            limits.request_head, limits.response_head, limits.request_line, limits.connections_in, limits.pipeline,
            limits.read_ahead, limits.idle_per_server, timeouts.accept, timeouts.keep_alive_in, timeouts.inactivity_in,
            timeouts.active_in, timeouts.connect, timeouts.inactivity_out,
        ):  # fmt: skip
            self.assertGreater(bound, 0)

    def test_a_marked_hop_gets_fewer_retries_than_one_that_lives(self) -> None:
        self.assertLess(Retries().down, Retries().live)


class Values(SynchronousTestCase):
    def test_settings_do_not_change_under_those_who_were_told(self) -> None:
        for settings in (ListenPort(port=1), Timeouts(), Limits(), Retries(), ProxySettings(), StoreSettings()):
            name = fields(settings)[0].name
            with self.assertRaises(FrozenInstanceError):
                setattr(settings, name, 1)

    def test_only_one_action_waits_to_the_end(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.open_write_fail_action``."""
        self.assertEqual([Sharing(busy_action=action).waits_to_the_end for action in range(6)], [False] * 5 + [True])
