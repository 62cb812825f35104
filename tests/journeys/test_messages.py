"""How messages go through: methods, fields, framing, interim answers."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask, chunked
from tsnode.testing.node import NodeInMemory

NAME = "CONFIG proxy.config.proxy_name STRING edge\n"


class Journey(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory(NAME)
        self.origin = self.node.at("a.example").answer(answer("Cache-Control: no-store"))


class Fields(Journey):
    def test_the_origin_gets_the_request_in_origin_form_with_a_via(self) -> None:
        self.node.get("http://a.example:80/path?query", "X-One: 1", "x-one: 2")
        self.assertEqual(
            self.origin.received,
            b"GET /path?query HTTP/1.1\r\nHost: a.example\r\nX-One: 1\r\nx-one: 2\r\nVia: 1.1 edge (tsnode)\r\n\r\n",
        )

    def test_hop_by_hop_fields_end_here_and_so_does_what_connection_names(self) -> None:
        """RFC 9110 §7.6.1."""
        self.origin.answer(answer("Connection: keep-alive, X-Mine", "Keep-Alive: timeout=5", "X-Mine: 1",
                                  "Proxy-Authenticate: Basic", "X-Other: 1"))  # fmt: skip
        found = self.node.get(
            "http://a.example/", "Connection: x-private, TE", "X-Private: 1", "TE: trailers", "Keep-Alive: 300",
            "Proxy-Authorization: Basic eA==", "Proxy-Connection: keep-alive", "Trailer: X", "X-Public: 1",
        )  # fmt: skip
        sent = self.origin.requests[0].fields
        self.assertEqual(set(sent.names()), {b"host", b"x-public", b"via"})
        for name in (b"connection", b"keep-alive", b"x-mine", b"proxy-authenticate"):
            self.assertNotIn(name, found.fields)
        self.assertIn(b"x-other", found.fields)

    def test_what_is_said_to_and_by_a_proxy_is_not_stored(self) -> None:
        """RFC 9111 §3.1."""
        names = ("Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization")
        self.origin.answer(answer("Cache-Control: max-age=60", *(f"{name}: x" for name in names)))
        for _ in range(2):
            found = self.node.get("http://a.example/")
            self.assertTrue({name.lower().encode() for name in names}.isdisjoint(found.fields.names()))
        self.assertEqual(len(self.origin.requests), 1)

    def test_directives_go_on_whatever_they_mean_here(self) -> None:
        """RFC 9111 §5.2."""
        asked = b"no-cache, max-stale=5, no-transform, x-own=1"
        told = b'private="a", no-transform, s-maxage=9, x-own="b, c"'
        self.origin.answer(answer(f"Cache-Control: {told.decode()}"))
        found = self.node.get("http://a.example/", f"Cache-Control: {asked.decode()}")
        self.assertEqual(self.origin.requests[0].fields.get(b"cache-control"), asked)
        self.assertEqual(found.fields.get(b"cache-control"), told)

    def test_a_via_that_is_there_grows(self) -> None:
        self.node.get("http://a.example/", "Via: 1.0 first", "Via: 1.1 second (x)")
        self.assertEqual(
            self.origin.requests[0].fields.get(b"via"), b"1.0 first, 1.1 second (x), 1.1 edge (tsnode)"
        )

    def test_a_via_says_which_version_the_client_spoke(self) -> None:
        self.node.client().send(ask("/", version="1.0"))
        self.assertEqual(self.origin.requests[0].fields.get(b"via"), b"1.0 edge (tsnode)")

    def test_a_request_that_has_been_here_is_refused(self) -> None:
        found = self.node.get("http://a.example/", "Via: 1.1 other, 1.1 EDGE (tsnode)")
        self.assertEqual(found.status, 400)
        self.assertEqual(self.origin.requests, [])
        self.assertEqual(self.node.counters.loops, 1)

    def test_a_via_that_only_mentions_this_node_is_no_loop(self) -> None:
        self.assertEqual(self.node.get("http://a.example/", "Via: 1.1 other (edge), 1.1 edge-2").status, 200)

    def test_the_client_is_told_of_this_node_where_that_is_configured(self) -> None:
        node = NodeInMemory(NAME + "CONFIG proxy.config.http.insert_response_via_str INT 1\n")
        node.at("a.example").answer(answer("Cache-Control: max-age=60"))
        for _ in range(2):
            self.assertEqual(node.get("http://a.example/").fields.get(b"via"), b"http/1.1 edge (tsnode)")
        self.assertIsNone(self.node.get("http://a.example/").fields.get(b"via"))

    def test_the_client_s_address_goes_along_where_that_is_configured(self) -> None:
        cases = (
            ("insert_client_ip INT 1", (b"127.0.0.1", b"127.0.0.1")),
            ("insert_client_ip INT 2", (b"127.0.0.1", b"10.0.0.1")),
            ("insert_client_ip INT 0", (None, b"10.0.0.1")),
            ("anonymize_remove_client_ip INT 1", (None, None)),
        )
        for variable, expected in cases:
            node = NodeInMemory(f"CONFIG proxy.config.http.{variable}\n")
            origin = node.at("a.example").answer(answer("Cache-Control: no-store"))
            node.get("http://a.example/")
            node.get("http://a.example/", "Client-ip: 10.0.0.1")
            self.assertEqual(tuple([head.fields.get(b"client-ip") for head in origin.requests]), expected, variable)

    def test_the_addresses_of_all_clients_go_along_where_that_is_configured(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.insert_squid_x_forwarded_for INT 1\n")
        origin = node.at("a.example").answer(answer("Cache-Control: no-store"))
        node.get("http://a.example/")
        node.get("http://a.example/", "X-Forwarded-For: 10.0.0.1")
        self.node.get("http://a.example/", "X-Forwarded-For: 10.0.0.1")
        self.assertEqual(origin.requests[0].fields.get(b"x-forwarded-for"), b"127.0.0.1")
        self.assertEqual(origin.requests[1].fields.get(b"x-forwarded-for"), b"10.0.0.1, 127.0.0.1")
        self.assertEqual(self.origin.requests[0].fields.get(b"x-forwarded-for"), b"10.0.0.1")

    def test_server_is_replaced_kept_or_filled_in_as_configured(self) -> None:
        for mode, with_one, without in ((0, b"theirs", None), (1, b"ours", b"ours"), (2, b"theirs", b"ours")):
            node = NodeInMemory(
                f"CONFIG proxy.config.http.response_server_enabled INT {mode}\n"
                "CONFIG proxy.config.http.response_server_str STRING ours\n"
            )
            node.at("a.example").answer(answer("Cache-Control: no-store", "Server: theirs"), answer())
            self.assertEqual(node.get("http://a.example/1").fields.get(b"server"), with_one)
            self.assertEqual(node.get("http://a.example/2").fields.get(b"server"), without)

    def test_an_answer_without_a_date_gets_one_and_one_with_keeps_it(self) -> None:
        self.origin.answer(answer("Cache-Control: no-store"),
                           answer("Cache-Control: no-store", "Date: Sun, 06 Nov 1994 08:49:37 GMT"))  # fmt: skip
        self.assertEqual(self.node.get("http://a.example/").fields.get(b"date"), b"Tue, 14 Nov 2023 22:13:20 GMT")
        self.assertEqual(self.node.get("http://a.example/").fields.get(b"date"), b"Sun, 06 Nov 1994 08:49:37 GMT")

    def test_an_age_is_told_as_it_came_and_grows_in_the_cache(self) -> None:
        self.origin.answer(answer("Cache-Control: max-age=600", "Age: 30"))
        self.assertEqual(self.node.get("http://a.example/").fields.get(b"age"), b"30")
        self.node.pass_time(5)
        self.assertEqual(self.node.get("http://a.example/").fields.get(b"age"), b"35")

    def test_an_age_is_not_told_where_that_is_switched_off(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.insert_age_in_response INT 0\n")
        node.at("a.example").answer(answer("Cache-Control: max-age=600"))
        for _ in range(2):
            self.assertNotIn(b"age", node.get("http://a.example/").fields)


class Methods(Journey):
    def test_a_method_that_nobody_knows_is_forwarded(self) -> None:
        for method in ("PATCH", "BREW", "get"):
            found = self.node.get("http://a.example/", "Content-Length: 2", method=method, body=b"ab")
            self.assertEqual((found.status, found.body), (200, b"hello"))
            self.assertEqual(self.origin.requests[-1].method, method.encode())
            self.assertEqual(self.origin.bodies[-1], b"ab")
        self.assertEqual(self.node.counters.extension_method_requests, 3)

    def test_a_push_is_refused_unless_it_is_enabled(self) -> None:
        """http-caching case 44."""
        found = self.node.get("http://a.example/", "Content-Length: 2", method="PUSH", body=b"ab")
        self.assertEqual(found.status, 403)
        self.assertEqual(self.origin.requests, [])

    def test_a_trace_that_ends_here_shows_the_request_less_its_secrets(self) -> None:
        """RFC 9110 §9.3.8."""
        found = self.node.get("http://a.example/x", "Max-Forwards: 0", "Cookie: a", "Authorization: b", "X-Seen: 1",
                              method="TRACE")  # fmt: skip
        self.assertEqual(found.fields.get(b"content-type"), b"message/http")
        self.assertEqual(
            found.body, b"TRACE http://a.example/x HTTP/1.1\r\nHost: a.example\r\nMax-Forwards: 0\r\nX-Seen: 1\r\n\r\n"
        )
        self.assertEqual(self.origin.requests, [])

    def test_options_that_end_here_say_what_this_node_does(self) -> None:
        found = self.node.get("http://a.example/", "Max-Forwards: 0", method="OPTIONS")
        self.assertEqual((found.status, found.body), (200, b""))
        self.assertIn(b"PURGE", found.fields.get(b"allow") or b"")
        self.assertEqual(self.origin.requests, [])

    def test_a_delete_that_ends_here_removes_what_is_stored(self) -> None:
        self.origin.answer(answer("Cache-Control: max-age=60"))
        self.node.get("http://a.example/")
        statuses = [self.node.get("http://a.example/", "Max-Forwards: 0", method="DELETE").status for _ in range(2)]
        self.assertEqual(statuses, [200, 404])
        self.assertEqual(len(self.origin.requests), 1)

    def test_max_forwards_counts_down_on_the_way(self) -> None:
        """RFC 9110 §7.6.2."""
        for method in ("TRACE", "OPTIONS", "DELETE"):
            self.node.get("http://a.example/", "Max-Forwards: 3", method=method)
            self.assertEqual(self.origin.requests[-1].fields.all(b"max-forwards"), (b"2",), method)

    def test_max_forwards_of_other_methods_or_without_sense_stays_as_it_is(self) -> None:
        self.node.get("http://a.example/", "Max-Forwards: 3")
        self.node.get("http://a.example/", "Max-Forwards: many", method="OPTIONS")
        self.assertEqual([head.fields.get(b"max-forwards") for head in self.origin.requests], [b"3", b"many"])

    def test_options_about_the_server_as_a_whole_stay_so(self) -> None:
        """RFC 9112 §3.2.4."""
        self.node.client().send(b"OPTIONS http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n")
        self.assertEqual(self.origin.requests[0].target, b"*")

    def test_content_without_a_length_is_refused_where_one_is_needed(self) -> None:
        for method in ("POST", "PUT"):
            self.assertEqual(self.node.get("http://a.example/", method=method).status, 411)
        self.assertEqual(self.node.get("http://a.example/", "Content-Length: 0", method="POST").status, 200)
        self.assertEqual(len(self.origin.requests), 1)
        node = NodeInMemory("CONFIG proxy.config.http.post.check.content_length.enabled INT 0\n")
        node.at("a.example").answer(answer())
        self.assertEqual(node.get("http://a.example/", method="POST").status, 200)

    def test_a_head_of_a_chunked_answer_has_no_content_and_no_framing(self) -> None:
        self.origin.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n")
        client = self.node.client().send(ask("/", method="HEAD") + ask("/2", method="HEAD"))
        for found in client.answers(b"HEAD", b"HEAD"):
            self.assertEqual((found.body, found.fields.get(b"x-a")), (b"", b"1"))
            self.assertNotIn(b"transfer-encoding", found.fields)
            self.assertNotIn(b"content-length", found.fields)
        self.assertEqual(self.node.counters.total_server_connections, 1)

    def test_a_head_that_is_refused_or_fails_has_no_content_either(self) -> None:
        """RFC 9110 §9.3.2: the client would take it for its next answer."""
        self.origin.answer(answer())
        for host, status in (("denied.invalid", 500), ("nobody.example", 502)):
            client = self.node.client().send(ask("/", method="HEAD", host=host) + ask("/"))
            refused, served = client.answers(b"HEAD", b"GET")
            self.assertEqual((refused.status, refused.body, served.status, served.body), (status, b"", 200, b"hello"))
            self.assertGreater(int(refused.fields.get(b"content-length") or 0), 0)

    def test_a_head_that_tells_the_same_length_twice_is_passed_on_with_one(self) -> None:
        self.origin.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n")
        self.assertEqual(self.node.get("http://a.example/", method="HEAD").fields.all(b"content-length"), (b"7",))


class Framing(Journey):
    def test_a_chunked_answer_is_chunked_again_with_its_trailers(self) -> None:
        body = b"some content of a length that nobody knows"
        self.origin.answer(chunked("Cache-Control: no-store", body=body, trailers=b"X-Check: 1\r\n"))
        client = self.node.client().send(ask("/"))
        (found,) = client.answers()
        self.assertEqual((found.body, found.fields.get(b"transfer-encoding")), (body, b"chunked"))
        self.assertTrue(client.received.endswith(b"\r\n0\r\nX-Check: 1\r\n\r\n"))
        self.assertFalse(client.closed)

    def test_a_stored_chunked_answer_is_served_with_its_length(self) -> None:
        self.origin.answer(chunked("Cache-Control: max-age=60", body=b"abcdefg"))
        self.assertEqual(self.node.get("http://a.example/").body, b"abcdefg")
        again = self.node.get("http://a.example/")
        self.assertEqual((again.body, again.fields.get(b"content-length")), (b"abcdefg", b"7"))

    def test_trailers_are_not_stored(self) -> None:
        """RFC 9111 §3.1."""
        self.origin.answer(chunked("Cache-Control: max-age=60", body=b"abcdefg", trailers=b"X-Check: 1\r\n"))
        for _ in range(2):
            self.assertNotIn(b"x-check", self.node.get("http://a.example/").fields)
        client = self.node.client().send(ask("/"))
        self.assertNotIn(b"X-Check", client.received)
        self.assertEqual((client.answers()[0].body, len(self.origin.requests)), (b"abcdefg", 1))

    def test_an_answer_that_ends_with_its_connection_is_chunked_for_the_client(self) -> None:
        self.origin.close_after = True
        self.origin.answer(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\nuntil the end")
        client = self.node.client().send(ask("/"))
        self.assertEqual(client.answers()[0].body, b"until the end")
        self.assertFalse(client.closed)
        self.assertEqual(self.node.get("http://a.example/").fields.get(b"content-length"), b"13")
        self.assertEqual(len(self.origin.requests), 1)

    def test_a_chunked_request_is_chunked_again_with_its_trailers(self) -> None:
        body = b"4\r\nabcd\r\n3;ext=1\r\nefg\r\n0\r\nX-Check: 1\r\n\r\n"
        self.node.get("http://a.example/", "Transfer-Encoding: chunked", method="POST", body=body)
        self.assertEqual(self.origin.bodies, [b"abcdefg"])
        self.assertTrue(self.origin.received.endswith(b"0\r\nX-Check: 1\r\n\r\n"))

    def test_a_large_upload_arrives_whole(self) -> None:
        body = bytes(range(256)) * 4000
        client = self.node.client().send(ask("/", f"Content-Length: {len(body)}", method="PUT"))
        for at in range(0, len(body), 50_000):
            client.send(body[at : at + 50_000])
        self.assertEqual(client.answers(b"PUT")[0].status, 200)
        self.assertEqual(self.origin.bodies, [body])

    def test_a_small_read_ahead_carries_content_all_the_same(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.tsnode.http.read_ahead INT 4096\n")
        origin = node.at("a.example").answer(answer("Cache-Control: no-store", body=bytes(50_000)))
        upload = ask("/", "Content-Length: 50000", method="POST", body=bytes(50_000))
        client = node.client().send(upload + ask("/next"))
        self.assertEqual([len(found.body) for found in client.answers(b"POST")], [50_000, 50_000])
        self.assertEqual(len(origin.bodies[0]), 50_000)

    def test_an_upload_that_announces_too_much_is_refused_at_once(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.max_post_size INT 10\n")
        origin = node.at("a.example").answer(answer())
        client = node.client().send(ask("/", "Content-Length: 11", "Expect: 100-continue", method="POST"))
        self.assertEqual(client.answers(b"POST")[0].status, 413)
        self.assertTrue(client.closed)
        self.assertEqual(origin.received, b"")
        self.assertEqual(node.get("http://a.example/", "Content-Length: 10", method="POST", body=bytes(10)).status, 200)

    def test_an_upload_that_grows_too_large_is_refused_and_never_whole(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.max_post_size INT 10\n")
        origin = node.at("a.example").answer(answer())
        client = node.client().send(ask("/", "Transfer-Encoding: chunked", method="POST", body=b"8\r\n01234567\r\n"))
        client.send(b"8\r\n01234567\r\n")
        (found,) = client.answers(b"POST")
        self.assertEqual((found.status, found.fields.get(b"connection")), (413, b"close"))
        self.assertTrue(client.closed)
        self.assertEqual(origin.requests, [])
        self.assertEqual(node.counters.current_server_connections, 0)

    def test_an_upload_whose_chunks_cannot_be_read_is_answered_once(self) -> None:
        client = self.node.client().send(ask("/", "Transfer-Encoding: chunked", method="POST", body=b"4\r\nabcd\r\n"))
        client.send(b"nonsense\r\n" + ask("/next"))
        (found,) = client.answers(b"POST")
        self.assertEqual((found.status, found.fields.get(b"connection")), (400, b"close"))
        self.assertTrue(client.closed)
        self.assertEqual(self.origin.requests, [])

    def test_an_answer_that_overtakes_the_upload_ends_the_connection(self) -> None:
        """RFC 9112 §9.5."""
        self.origin.on_begun = lambda link, head: self.origin.send(answer(status="403 No", body=b"no"), link)
        client = self.node.client().send(ask("/", "Content-Length: 100", method="POST", body=b"first"))
        (found,) = client.answers(b"POST")
        self.assertEqual((found.status, found.body, found.fields.get(b"connection")), (403, b"no", b"close"))
        self.assertTrue(client.closed)


class Interim(Journey):
    def test_an_expectation_reaches_the_origin_and_its_100_the_client(self) -> None:
        self.origin.on_begun = lambda link, head: self.origin.send(b"HTTP/1.1 100 Continue\r\n\r\n", link)
        client = self.node.client().send(ask("/", "Content-Length: 3", "Expect: 100-continue", method="POST"))
        self.assertEqual(client.received, b"HTTP/1.1 100 Continue\r\n\r\n")
        client.send(b"abc")
        self.assertEqual(client.answers(b"POST")[0].status, 200)
        self.assertEqual(self.origin.requests[0].fields.get(b"expect"), b"100-continue")
        self.assertEqual(self.origin.bodies, [b"abc"])
        self.assertFalse(client.closed)
        self.assertEqual(self.node.counters.responses_1xx, 1)

    def test_a_final_answer_instead_of_100_ends_the_connection(self) -> None:
        self.origin.on_begun = lambda link, head: self.origin.send(answer(status="417 No", body=b""), link)
        client = self.node.client().send(ask("/", "Content-Length: 3", "Expect: 100-continue", method="POST"))
        self.assertEqual(client.answers(b"POST")[0].status, 417)
        self.assertTrue(client.closed)

    def test_early_hints_are_for_clients_that_know_interim_answers(self) -> None:
        """RFC 9110 §15.2."""
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n"
        self.origin.answer(hints + hints + answer())
        client = self.node.client().send(ask("/1"))
        hint = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
        self.assertTrue(client.received.startswith(hint + hint + b"HTTP/1.1 200 OK\r\n"), client.received)
        old = self.node.client().send(ask("/2", version="1.0"))
        self.assertTrue(old.received.startswith(b"HTTP/1.1 200 OK\r\n"))

    def test_an_expectation_of_an_old_client_is_not_passed_on(self) -> None:
        """RFC 9110 §10.1.1."""
        self.node.client().send(
            ask("/", "Content-Length: 3", "Expect: 100-continue", method="POST", version="1.0", body=b"abc")
        )
        self.assertNotIn(b"expect", self.origin.requests[0].fields)

    def test_no_end_of_interim_answers_is_an_error(self) -> None:
        self.origin.answer(b"HTTP/1.1 102 Processing\r\n\r\n" * 200 + answer())
        client = self.node.client().send(ask("/", version="1.0"))
        self.assertEqual(client.answers()[0].status, 502)

    def test_another_protocol_that_nobody_asked_for_is_an_error(self) -> None:
        self.origin.answer(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
        self.assertEqual(self.node.get("http://a.example/").status, 502)
