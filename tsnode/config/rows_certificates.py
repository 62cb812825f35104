"""The variables about certificates that clients are shown."""

from __future__ import annotations

from tsnode.config.catalogue import Text, Topic, record

__all__ = ["CERTIFICATES"]

CERTIFICATES = Topic("Certificates", (
    record("ssl.server.multicert.filename", Text(r"[^\x00-\x1f\x7f]+", "a file name"), default="ssl_multicert.config",
           effective=False,
           text="The file that says which certificates clients are shown."),
    record("ssl.server.cert.path", Text(optional=True), default=None, effective=False,
           text="The folder of the certificates; without it that of the configuration."),
    record("ssl.server.private_key.path", Text(optional=True), default=None, effective=False,
           text="The folder of their private keys; without it that of the configuration."),
    record("ssl.CA.cert.path", Text(optional=True), default=None, effective=False,
           text="The folder of the certificates of authorities."),
))  # fmt: skip
