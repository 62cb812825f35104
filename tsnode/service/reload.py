"""Taking up a changed configuration: all of it or nothing of it, and what becomes of each file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from tsnode.config.catalogue import Value
from tsnode.config.tree import Configuration, Loaded, Refused
from tsnode.model.errors import ConfigError, Place

__all__ = ["NEEDS_RESTART", "FileReport", "Kept", "Outcome", "Read", "ReloadReport", "Reloader", "keep_running"]

NEEDS_RESTART = (
    "proxy.config.http.server_ports",
    "proxy.config.proxy_name",
    "proxy.config.tsnode.store",
    "proxy.config.cache.ram_cache.size",
    "proxy.config.cache.ram_cache_cutoff",
    "proxy.config.cache.limits.http.max_alts",
)
"""The variables whose values hold for as long as a node runs."""

_MOST_TOLD = 20
"""How many errors of one file the log shows."""

Read = Callable[[], Loaded | Refused]
"""Reads the configuration from its folder once more; called in a thread."""


class Outcome(Enum):
    """What became of one file."""

    UNCHANGED = "unchanged"
    TAKEN = "taken"
    GONE = "gone: what holds without it holds now"
    REFUSED = "refused"
    LEFT = "changed, but not taken because of errors elsewhere"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file, by the name that places show; ``errors`` are why it is refused, if it is."""

    file: str
    outcome: Outcome
    errors: tuple[ConfigError, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A variable that stays ``running`` until a restart, although ``place`` says ``wanted``."""

    variable: str
    running: Value
    wanted: Value
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadReport:
    """
    What a reload has come to. ``swapped``: another tree than before is in use.

    ``errors`` are all there are, those of no file as well; ``warnings`` are about files that were taken.
    """

    swapped: bool
    files: tuple[FileReport, ...]
    errors: tuple[ConfigError, ...] = ()
    warnings: tuple[ConfigError, ...] = ()
    kept: tuple[Kept, ...] = ()


class Reloader:
    """
    Reads the configuration again when it is asked to, and has it swapped in where it can be used.

    ``running`` is what is in use, ``in_thread`` calls a function in a thread, so that requests go on while a large
    folder is read, and ``swap`` puts a tree in place of the one in use. One reload goes on at a time.

    Source: Traffic Server, ``traffic_ctl config reload``, which takes up what it can of each file instead.
    """

    _log = Logger()

    def __init__(
        self,
        read: Read,
        running: Loaded,
        in_thread: Callable[[Read], Deferred[Loaded | Refused]],
        swap: Callable[[Configuration], None],
    ) -> None:
        self._read = read
        self._running = running
        self._in_thread = in_thread
        self._swap = swap
        # while a reload goes on, those who asked for another one since it began; else None
        self._waiting: list[Deferred[ReloadReport]] | None = None

    def reload(self) -> Deferred[ReloadReport]:
        """
        Reload. Who asks while one goes on gets one of their own after it, together with all others who do.

        Fails only with defects; the configuration is then the one before.
        """
        asked: Deferred[ReloadReport] = Deferred()
        if self._waiting is None:
            self._begin([asked])
        else:
            self._waiting.append(asked)
        return asked

    def _begin(self, asking: list[Deferred[ReloadReport]]) -> None:
        self._waiting = []
        self._in_thread(self._read).addCallback(self._take).addBoth(self._answer, asking)

    def _answer(self, result: ReloadReport | Failure, asking: list[Deferred[ReloadReport]]) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting:
            self._begin(waiting)
        for asked in asking:
            if isinstance(result, Failure):
                asked.errback(result)
            else:
                asked.callback(result)

    def _take(self, found: Loaded | Refused) -> ReloadReport:
        before = self._running
        match found:
            case Refused(errors, files):
                report = ReloadReport(swapped=False, files=_refuse(before.files, files, errors), errors=errors)
            case Loaded(tree, warnings, files):
                reports = _compare(before.files, files)
                taken = {each.file for each in reports if each.outcome is not Outcome.UNCHANGED}
                kept: tuple[Kept, ...] = ()
                if taken:
                    tree, kept = keep_running(before.tree, tree)
                    self._swap(tree)
                    self._running = Loaded(tree, warnings, files)
                report = ReloadReport(
                    swapped=bool(taken),
                    files=reports,
                    warnings=tuple(warning for warning in warnings if warning.place.file in taken),
                    kept=kept,
                )
            case impossible:
                assert_never(impossible)
        self._tell(report)
        return report

    def _tell(self, report: ReloadReport) -> None:
        log = self._log
        for each in report.files:
            if each.outcome is Outcome.REFUSED:
                self._tell_errors(each.file, each.errors)
            else:
                log.info("{file} {outcome}", file=each.file, outcome=each.outcome.value)
        files = {each.file for each in report.files}
        for error in report.errors:
            if error.place.file not in files:
                log.error("refused: {problem}", problem=str(error))
        for warning in report.warnings:
            log.warn("{problem}", problem=str(warning))
        for kept in report.kept:
            log.warn(
                "{place}: {variable} stays {running} until a restart, and is {wanted} then",
                place=str(kept.place), variable=kept.variable, running=_word(kept.running), wanted=_word(kept.wanted),
            )  # fmt: skip
        if report.errors:
            log.error("the configuration stays as it was; errors: {count}", count=len(report.errors))
        elif report.swapped:
            log.info("the new configuration is in use")
        else:
            log.info("the configuration has not changed")

    def _tell_errors(self, file: str, errors: Sequence[ConfigError]) -> None:
        for error in errors[:_MOST_TOLD]:
            self._log.error("refused: {problem}", problem=str(error))
        if len(errors) > _MOST_TOLD:
            self._log.error("{file} refused: {count} more errors", file=file, count=len(errors) - _MOST_TOLD)


def _compare(before: Mapping[str, bytes], files: Mapping[str, bytes]) -> tuple[FileReport, ...]:
    """What becomes of the files of a configuration that can be used."""

    def outcome(name: str) -> Outcome:
        if name not in files:
            return Outcome.GONE
        return Outcome.UNCHANGED if files[name] == before.get(name) else Outcome.TAKEN

    return tuple(FileReport(name, outcome(name)) for name in sorted({*before, *files}))


def _refuse(
    before: Mapping[str, bytes], files: Mapping[str, bytes], errors: Sequence[ConfigError]
) -> tuple[FileReport, ...]:
    """What becomes of the files of one that cannot."""
    faults: dict[str, list[ConfigError]] = {}
    for error in errors:
        faults.setdefault(error.place.file, []).append(error)

    def report(name: str) -> FileReport:
        if name in faults:
            return FileReport(name, Outcome.REFUSED, tuple(faults[name]))
        same = files.get(name) == before.get(name)
        return FileReport(name, Outcome.UNCHANGED if same else Outcome.LEFT)

    return tuple(report(name) for name in sorted({*before, *files}))


def keep_running(running: Configuration, wanted: Configuration) -> tuple[Configuration, tuple[Kept, ...]]:
    """The tree ``wanted``, less what only a restart changes, and what that is."""
    kept = []
    for name in NEEDS_RESTART:
        old, new = running.records.setting(name), wanted.records.setting(name)
        if old.value != new.value:
            kept.append(Kept(name, old.value, new.value, new.written.place))
    settings = replace(wanted.settings, ports=running.settings.ports, via_name=running.settings.via_name)
    records = wanted.records.keeping(NEEDS_RESTART, running.records)
    return replace(wanted, settings=settings, store=running.store, records=records), tuple(kept)


def _word(value: Value) -> str:
    """A value as records.config has it."""
    return "NULL" if value is None else str(value)
