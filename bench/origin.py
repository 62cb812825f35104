"""The origin: an nginx that answers any URL of a folder with that folder's content, and counts requests."""

from __future__ import annotations

import random
import re
import string
from pathlib import Path
from urllib.request import urlopen

SIZES = {"1k": 1024, "64k": 64 * 1024, "1m": 1024 * 1024}

# The 1 KB answers are literals: head and content leave in one writev. The larger ones are files, sent by sendfile.
_CONFIGURATION = """\
{user}worker_processes 1;
daemon off;
pid {folder}/origin.pid;
error_log {folder}/origin.log crit;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    default_type application/octet-stream;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    sendfile on;
    tcp_nodelay on;
    open_file_cache max=64 inactive=1h;
    open_file_cache_valid 1h;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {folder}/content;
        location = /requests {{ stub_status; }}
        location /1k/ {{
            add_header Cache-Control "max-age=3600";
            add_header Last-Modified "Mon, 01 Jan 2024 00:00:00 GMT";
            add_header ETag '"1k"';
            return 200 "{small}";
        }}
        location /64k/ {{ add_header Cache-Control "max-age=3600"; try_files /64k.bin =404; }}
        location /1m/ {{ add_header Cache-Control "max-age=3600"; try_files /1m.bin =404; }}
        location /pass-1k/ {{
            add_header Cache-Control "no-store";
            return 200 "{small}";
        }}
    }}
}}
"""

_COUNTED = re.compile(r"^ *\d+ +\d+ +(\d+) *$", re.MULTILINE)


def content_of(size: int) -> bytes:
    """Printable octets of that length, the same at every call, hard to compress."""
    return "".join(random.Random(size).choices(string.ascii_letters + string.digits, k=size)).encode("ascii")


class Origin:
    """Where the servers fetch from, at 127.0.0.1 and ``port``."""

    def __init__(self, folder: Path, port: int, *, as_root: bool) -> None:
        self.port = port
        self._folder = folder
        self._as_root = as_root

    def command(self) -> list[str]:
        """Write content and configuration, and give the command that runs them."""
        content = self._folder / "content"
        content.mkdir(parents=True)
        for name, size in SIZES.items():
            (content / f"{name}.bin").write_bytes(content_of(size))
        configuration = self._folder / "origin.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                user="user root;\n" if self._as_root else "",
                folder=self._folder,
                port=self.port,
                small=content_of(SIZES["1k"]).decode("ascii"),
            )
        )
        return ["nginx", "-e", str(self._folder / "origin.log"), "-p", str(self._folder), "-c", str(configuration)]

    def requests(self) -> int:
        """Requests answered so far, this one not counted in but every earlier one of this method."""
        with urlopen(f"http://127.0.0.1:{self.port}/requests", timeout=10) as answer:
            counted = _COUNTED.search(answer.read().decode("ascii"))
        assert counted is not None, "stub_status has changed its form"
        return int(counted[1]) - 1
