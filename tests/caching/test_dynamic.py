"""URLs that look dynamic."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.dynamic import looks_dynamic


class Dynamic(SynchronousTestCase):
    """Case 22."""

    def test_queries_parameters_and_the_names_of_programs_look_dynamic(self) -> None:
        for path in (b"/x?", b"/x?a=b", b"/?", b"/x;p", b"/x;p/y", b"/x.asp", b"/FOO.ASP", b"/xasp", b"/a/b.Asp",
                     b"/cgi-bin/x", b"/acgib", b"/x.CGI"):  # fmt: skip
            self.assertTrue(looks_dynamic(path), path)

    def test_other_paths_do_not(self) -> None:
        for path in (b"/", b"/x", b"/asp", b"/a.aspx", b"/asp/x", b"/cg/i", b"/x.html"):
            self.assertFalse(looks_dynamic(path), path)
