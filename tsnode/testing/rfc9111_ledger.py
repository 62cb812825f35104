"""What the origins of a history said, and whether an answer that a client got from the node may follow from that."""

from __future__ import annotations

from dataclasses import dataclass, field

from tsnode.testing.rfc9111 import (
    Asked,
    Copy,
    Told,
    age,
    outcomes,
    span,
    why_not_confirmed,
    why_not_selected,
    why_not_stored,
    why_not_unasked,
)
from tsnode.testing.rfc9111_got import (
    CLIENT,
    SERIAL,
    Got,
    Window,
    are_strongly_the_same,
    brief,
    host_of,
    is_odd,
    is_own,
    short,
    why_not_old_enough,
)

__all__ = ["Ledger"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_BARE = frozenset({304, 412, 416})
_IN_TROUBLE = frozenset({500, 502, 503, 504})
_DOWN = 61.0
_ONE_OF = frozenset({"accept-language", "x-foo", CLIENT})
_HIT_STILL = _ONE_OF | {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "range", "if-range"}
_MOST = 3


@dataclass
class Ledger:
    """
    Everything that was said so far. ``lines`` tell the history for whoever has to understand it.

    ``marked`` histories name the answer in each answer, and the client in each request: that leaves nothing to guess.
    """

    marked: bool
    serial: int = 0
    lines: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    invalid: list[tuple[int, str]] = field(default_factory=list)
    refuted: dict[int, int] = field(default_factory=dict)
    failures: list[tuple[int, str, float]] = field(default_factory=list)
    good: dict[str, list[Copy]] = field(default_factory=dict)

    def next_serial(self) -> int:
        """The number of the next event."""
        self.serial += 1
        return self.serial

    def note(self, line: str) -> None:
        """Add to the history as it will be told."""
        self.lines.append(line)

    # -- what happens

    def failed(self, asked: Asked, now: float) -> None:
        """An origin did not answer, or not all of what it said it would."""
        self.failures.append((self.next_serial(), host_of(asked.url), now))
        self.good.pop(asked.url, None)
        self.note(f"    origin fails {asked.method} {asked.url}")

    def said(self, told: Told) -> None:
        """An origin answered."""
        self.note(f"    origin #{told.serial} {told.asked.method} {told.asked.url} {brief(told.asked.fields)}")
        self.note(f"      -> {told.status} {brief(told.fields)} {short(told.body)} {told.first}-{told.last}"
                  + ("" if told.whole else " CUT"))  # fmt: skip
        self.told.append(told)
        url, method = told.asked.url, told.asked.method
        if method not in _SAFE:
            if 200 <= told.status < 400:
                self._invalidate(told)
        elif told.status == 304 or method == "HEAD":
            self._confirm(told)
        if told.status != 304:
            self.copies.append(Copy.of(told))
        self._remember_good(told, url)

    def _invalidate(self, told: Told) -> None:
        """Source: RFC 9111 §4.4, and the node's own word for what Location and Content-Location name."""
        urls = [told.asked.url]
        for name in ("location", "content-location"):
            named = told.fields.get(name)
            if named is not None:
                urls.append(named if "//" in named else f"http://{host_of(told.asked.url)}{named}")
        for url in urls:
            if host_of(url) == host_of(told.asked.url):
                self.invalid.append((told.serial, url))
                self.good.pop(url, None)

    def _confirm(self, told: Told) -> None:
        """Source: RFC 9111 §4.3.4, §4.3.5."""
        for copy in list(self.copies):
            if why_not_selected(copy, told.asked) is not None or told.status not in (304, copy.told.status):
                continue
            if why_not_confirmed(copy, told) is None:
                self.copies.append(copy.confirmed(told))
            elif (
                told.status == copy.told.status == 200
                and copy.newest.serial <= told.since
                and not {"authorization", "cookie"} & set(told.asked.fields)
            ):
                self.refuted[copy.newest.serial] = told.serial

    def _remember_good(self, told: Told, url: str) -> None:
        """Keep what every cache would have by now, and nothing that one might not have."""
        good = self.good.pop(url, [])
        plain = told.asked.method == "GET" and not (set(told.asked.fields) & _HIT_STILL - _ONE_OF)
        if told.status == 304:
            by = [copy for copy in good if why_not_selected(copy, told.asked) is None]
            tags = told.fields.get("etag"), told.asked.fields.get("if-none-match")
            if len(by) != 1 or is_odd(told) or None in tags or tags[0] != tags[1] or "range" in told.asked.fields:
                return
            if tags[0] == by[0].fields.get("etag"):
                self.good[url] = [copy for copy in good if copy is not by[0]] + [by[0].confirmed(told)]
            return
        revalidating = told.asked.method == "GET" and "range" not in told.asked.fields
        if not told.whole or told.status != 200 or is_odd(told) or not (plain or revalidating):
            return
        new = Copy.of(told)
        others = [
            copy
            for copy in good
            if copy.fields.get("vary") == new.fields.get("vary") and why_not_selected(copy, told.asked) is not None
        ]
        self.good[url] = [*others, new][-_MOST:]

    # -- what has to be

    def due(self, asked: Asked, now: float) -> Copy | None:
        """The copy that a request has to be answered with, without asking the origin; None where none has to."""
        if asked.method not in ("GET", "HEAD") or not set(asked.fields) <= _HIT_STILL:
            return None
        found = [copy for copy in self.good.get(asked.url, []) if why_not_selected(copy, asked) is None]
        if len(found) != 1 or why_not_unasked(found[0], asked, now, trouble=False) is not None:
            return None
        return found[0]

    def check_due(self, copy: Copy, asked: Asked, got: Got, window: Window) -> None:
        """
        Hold an answer against the copy that it was due to be made from.

        :raises AssertionError: with the history, where it was not.
        """
        if any(told.serial > window.since and told.asked.url == asked.url for told in self.told):
            self._fail(f"the origin was asked, though #{copy.newest.serial} had to be served")
        why = self._why_not_made_from(copy, asked, got, window)
        if why is not None:
            self._fail(f"#{copy.newest.serial} had to be served, but {why}")
        expected = outcomes(copy, asked)
        if expected == 200:
            part = span(copy, asked, len(copy.told.body))
            expected = 200 if part is None else 416 if part[0] == part[1] else 206
        if got.status != expected:
            self._fail(f"the answer should be a {expected}")

    # -- what may be

    def check(self, asked: Asked, got: Got, window: Window) -> None:
        """
        Hold an answer against everything that was said.

        :raises AssertionError: with the history, where nothing permits it.
        """
        reasons = []
        for told in self.told:
            if told.serial > window.since and told.asked.url == asked.url:
                why = self._why_not_passed_on(told, asked, got, window)
                if why is None:
                    return
                reasons.append(f"#{told.serial} is not what was passed on: {why}")
        for copy in self.copies:
            if copy.told.asked.url == asked.url:
                why = self._why_not_made_from(copy, asked, got, window)
                why = why or self._why_not_served(copy, asked, got, window)
                if why is None:
                    return
                serials = "+".join(f"#{told.serial}" for told in (copy.told, *copy.updates))
                reasons.append(f"{serials} is not what was served: {why}")
        why = self._why_no_error(asked, got, window)
        if why is not None:
            self._fail("\n".join(["nothing permits this answer", *reasons, f"it is no error of the node's: {why}"]))

    def _fail(self, why: str) -> None:
        raise AssertionError("\n".join([why, "", *self.lines]))

    def _why_not_passed_on(self, told: Told, asked: Asked, got: Got, window: Window) -> str | None:
        """Is it the origin's answer to this very request?"""
        if not is_own(told, asked, window):
            return "it answers another request"
        if got.fields.get("set-cookie", told.fields.get("set-cookie")) != told.fields.get("set-cookie"):
            return "a cookie is somebody's own"
        if got.status != told.status or got.status == 304:
            if told.status == 200:
                return self._why_not_made_from(Copy.of(told), asked, got, window)
            if got.status != told.status:
                return f"its status is {told.status}"
            if any(asked.fields.get(name) != value for name, value in told.asked.conditions.items()):
                return "it is about a condition of the node's own"
        if self.marked and got.fields.get(SERIAL) != str(told.serial):
            return "the answer names another"
        if asked.method == "HEAD" or told.status in (204, 304):
            return "there is a body" if got.body else None
        sent = told.body[told.first : told.last]
        if got.complete != told.whole:
            return "one was cut short, and the other was not"
        if got.body != sent and (got.complete or not sent.startswith(got.body)):
            return "its octets are others"
        return None

    def _why_not_made_from(self, copy: Copy, asked: Asked, got: Got, window: Window) -> str | None:
        """Could this be made of that copy, were it allowed?"""
        if got.status not in _BARE and self.marked and got.fields.get(SERIAL) != str(copy.newest.serial):
            return "the answer names another"
        if got.status not in (412, 416) and got.fields.get("etag") != copy.fields.get("etag"):
            return "the tags differ"
        status, total = outcomes(copy, asked), len(copy.told.body)
        if got.status in (304, 412):
            return None if got.status == status else f"the conditions give {status}"
        if status not in (copy.told.status, 304):
            return f"the conditions give {status}"
        if got.status == 416:
            part = span(copy, asked, total)
            if part is None or part[0] < part[1]:
                return "there is something at this range"
            return None if got.fields.get("content-range") == f"bytes */{total}" else "the length told is another"
        if got.status == 206:
            part = span(copy, asked, total)
            if part is None or part[0] == part[1]:
                return "no part of it was asked for"
            if got.fields.get("content-range") != f"bytes {part[0]}-{part[1] - 1}/{total}":
                return f"the part is {part}"
            return self._why_not_octets(copy, asked, got, part, window)
        if got.status != (200 if copy.told.status == 206 else copy.told.status):
            return f"its status is {copy.told.status}"
        if asked.method == "HEAD":
            right = not got.body and got.fields.get("content-length", str(total)) == str(total)
            return None if right else f"there is a body, or the length is not {total}"
        return self._why_not_octets(copy, asked, got, (0, total), window)

    def _why_not_octets(
        self, copy: Copy, asked: Asked, got: Got, part: tuple[int, int], window: Window
    ) -> str | None:
        """Is every octet one that the origin sent, under one strong validator where they come from several answers?"""
        first, last = part
        body = copy.told.body[first:last]
        covered = copy.told.first <= first and last <= copy.told.last
        if covered and got.body == body and got.complete:
            return None
        if not got.complete:
            return None if body.startswith(got.body) and not copy.told.whole else "it was cut short"
        if len(got.body) != last - first:
            return f"it should be {last - first} octets"
        parts = [copy.told] + [
            other
            for other in self.told
            if other.asked.url == copy.told.asked.url
            and are_strongly_the_same(copy.fields, other.fields)
            and (is_own(other, asked, window) or why_not_stored(other.asked, other.status, other.fields) is None)
        ]
        for at, octet in enumerate(got.body, first):
            if not any(each.first <= at < each.last and each.body[at] == octet for each in parts):
                return "its octets are others"
        return None

    def _why_not_served(self, copy: Copy, asked: Asked, got: Got, window: Window) -> str | None:
        """May a copy be used for this request?"""
        newest = copy.newest
        confirmed = newest.serial > window.since and newest.asked.method == asked.method
        mine = is_own(newest, asked, window)
        # whom an answer is for it says itself, but the one who it is the answer to
        why = why_not_selected(Copy.of(copy.told) if mine else copy, asked)
        if why is None and not is_own(copy.told, asked, window):
            why = why_not_stored(copy.told.asked, copy.told.status, copy.told.fields)
        if why is not None:
            return why
        if "set-cookie" in got.fields and (not mine or got.fields["set-cookie"] != newest.fields.get("set-cookie")):
            return "a cookie is somebody's own"
        own = mine and got.fields.get("x-secret") == newest.fields.get("x-secret")
        if "x-secret" in got.fields and copy.said.get("private") == "x-secret" and not own:
            return "the origin said private for one of its fields"
        if self._is_what_the_client_has(copy, asked, window):
            return None
        if confirmed:
            merged = None if mine else why_not_stored(newest.asked, copy.told.status, copy.fields)
            return merged or ("the client said no-cache" if "no-cache" in asked.wants and not mine else None)
        for serial, url in self.invalid:
            if url == asked.url and newest.serial < serial <= window.until:
                return f"it was made invalid at #{serial}"
        if self.refuted.get(newest.serial, window.until + 1) <= window.until:
            return f"it was found to be outdated at #{self.refuted[newest.serial]}"
        if "x-secret" in got.fields and copy.said.get("no-cache") == "x-secret":
            return "one of its fields has to be confirmed"
        return (
            why_not_stored(Asked("GET", asked.url, newest.asked.fields), copy.told.status, copy.fields)
            or why_not_unasked(copy, asked, window.start, trouble=self._is_in_trouble(asked, window))
            or self._why_not_newest(copy, asked, window)
            or why_not_old_enough(copy, got, window.start)
        )

    def _is_what_the_client_has(self, copy: Copy, asked: Asked, window: Window) -> bool:
        """
        Whether a 304 answered this very request, asked about this copy, though it names another.

        It must not update the copy, but does say that what was asked about can be used (RFC 9110 §15.4.5).
        """
        tag, modified = copy.fields.get("etag"), copy.fields.get("last-modified")
        for told in self.told:
            if told.status == 304 and is_own(told, asked, window):
                listed = told.asked.fields.get("if-none-match", "")
                if (tag and tag.removeprefix("W/") in listed) or (
                    modified and modified == told.asked.fields.get("if-modified-since")
                ):
                    return True
        return False

    def _why_not_newest(self, copy: Copy, asked: Asked, window: Window) -> str | None:
        """Source: RFC 9111 §4: of several the most recent has to be used."""
        now = window.start
        due = self.due(Asked("GET", asked.url, {name: asked.fields[name] for name in _ONE_OF & set(asked.fields)}), now)
        if due is None or not copy.newest.serial < due.newest.serial <= window.since:
            return None
        if due.date <= copy.date or age(due, now) >= age(copy, now):
            return None
        return f"#{due.newest.serial} is newer"

    def _is_in_trouble(self, asked: Asked, window: Window) -> bool:
        """Whether the origin answered 5xx just now, or cannot be reached as far as the node knows."""
        host = host_of(asked.url)
        answered = [told for told in self.told if host_of(told.asked.url) == host]
        for told in answered:
            # a part that nobody asked for is no answer
            unasked = told.status == 206 and "range" not in told.asked.fields
            if told.serial > window.since and (unasked or told.status in _IN_TROUBLE):
                return True
        last = max((told.serial for told in answered if told.serial <= window.since), default=0)
        return any(
            where == host and (serial > window.since or (serial >= last and window.start - when <= _DOWN))
            for serial, where, when in self.failures
        )

    def _why_no_error(self, asked: Asked, got: Got, window: Window) -> str | None:
        """May the node itself have refused?"""
        if SERIAL in got.fields or got.body.startswith(b"["):
            return "it is an origin's"
        if got.status == 504 and "only-if-cached" in asked.wants:
            return None
        if got.status in (502, 503, 504):
            return None if self._is_in_trouble(asked, window) else "the origin was well"
        return f"it does not answer {got.status}"
