"""The rule types and options of remap.config. Tables, for the manual."""

from __future__ import annotations

from tsnode.config.grammar import Tag

__all__ = ["OPTIONS", "TYPES"]

_URLS = "target, then replacement"
_EXPRESSION = "target with a regular expression for its host, then replacement"
_FROM, _TO = "http://www.example.com/", "http://192.0.2.5:8000/"
_HOSTS = r"http://(img|css)\.example\.com/"
_RULE = f"map {_FROM} {_TO}"

TYPES = (
    Tag("map", _URLS, "", "Requests for the target, or for what is below it, are sent to the replacement.", _RULE),
    Tag("map_with_recv_port", _URLS, "",
        "As map, but the port of the target is the one that the client connected to.",
        f"map_with_recv_port http://www.example.com:8080/ {_TO}"),
    Tag("map_with_referer", "target, replacement, URL for others, then expressions", "",
        "As map, for requests whose Referer one of the expressions is found in. An expression behind ~ must not be "
        "found, * is any Referer, and ~* lets requests without one pass. Others are redirected to the URL.",
        rf"map_with_referer {_FROM} {_TO} http://www.example.org/ ~* www\.example\.com"),
    Tag("reverse_map", _URLS, "",
        "A Location field of an answer that names the target names the replacement instead.",
        f"reverse_map {_TO} {_FROM}"),
    Tag("redirect", _URLS, "", "Requests for the target are answered with the status 301 and the replacement.",
        f"redirect http://old.example.com/ {_FROM}"),
    Tag("redirect_temporary", _URLS, "", "As redirect, with the status 307 (302 for HTTP/1.0).",
        f"redirect_temporary http://old.example.com/ {_FROM}"),
    Tag("regex_map", _EXPRESSION, "",
        "As map. In the host of the replacement $1 to $9 stand for the groups of the expression, $0 for all of it.",
        f"regex_map {_HOSTS} http://$1.internal.example/"),
    Tag("regex_map_with_recv_port", _EXPRESSION, "", "As map_with_recv_port, with an expression.",
        rf"regex_map_with_recv_port http://(img|css)\.example\.com:8080/ {_TO}"),
    Tag("regex_redirect", _EXPRESSION, "", "As redirect, with an expression.",
        f"regex_redirect {_HOSTS} http://$1.example.org/"),
    Tag("regex_redirect_temporary", _EXPRESSION, "", "As redirect_temporary, with an expression.",
        f"regex_redirect_temporary {_HOSTS} http://$1.example.org/"),
)  # fmt: skip
"""What a line of remap.config may begin with."""

OPTIONS = (
    Tag("@action", "allow, deny", "allow",
        "What becomes of the requests that @method and @src_ip hold for. With the others it is the opposite.",
        f"{_RULE} @action=deny @method=DELETE"),
    Tag("@method", "a method", "any", "The method of the request. Several of them are alternatives.",
        f"{_RULE} @action=allow @method=GET @method=HEAD"),
    Tag("@src_ip", "a, a-b or a/bits, with ~ before it for all others", "any",
        "The client's address. Several of them are alternatives.", f"{_RULE} @action=allow @src_ip=10.0.0.0/8"),
    Tag("@plugin", "conf_remap.so", "", "That plugin is built in, and has no effect yet; there is no other.",
        f"{_RULE} @plugin=conf_remap.so"),
    Tag("@pparam", "proxy.config.NAME=VALUE", "",
        "A variable with another value for this rule; behind @plugin. It has no effect yet.",
        f"{_RULE} @plugin=conf_remap.so @pparam=proxy.config.http.cache.http=0"),
)  # fmt: skip
"""What may stand at the end of a line of remap.config."""
