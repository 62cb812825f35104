"""
The servers of the comparison: how each is configured for one core, and how it is started.

Each is tuned as its manual advises for memory hits on one core: one worker, room in memory for everything, no access
log unless asked for, idle connections kept on both sides. None is denied what another gets.

Form of the requests: tsnode, Squid and Traffic Server are asked as forward proxies (``GET http://origin/… HTTP/1.1``),
nginx and Varnish, which are none, as reverse proxies (``GET /… HTTP/1.1``). A forward proxy has the longer request line
to read; nobody is given the longer one who could not be met with it in service.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where one server lives during a campaign: its own folder, its port, and the origin's port at 127.0.0.1."""

    folder: Path
    port: int
    origin: int
    logs: bool
    as_root: bool

    def write(self, name: str, text: str) -> Path:
        """Put a file into the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run for one server, in this order, and with what added to the environment."""

    commands: Sequence[Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = PROJECT


class Server(Protocol):
    """One server of the comparison."""

    @property
    def name(self) -> str:
        """What the table and ``--servers`` call it."""

    @property
    def forward(self) -> bool:
        """Whether it is asked in absolute form."""

    @property
    def version(self) -> Sequence[str]:
        """A command that tells its version."""

    def missing(self) -> str:
        """Why it cannot be run here; empty when it can."""

    def prepare(self, site: Site) -> Launch:
        """Write its configuration into the site's folder."""


def _absent(*programs: str) -> str:
    missing = [program for program in programs if shutil.which(program) is None]
    return f"{' and '.join(missing)} not found" if missing else ""


@dataclass(frozen=True, slots=True)
class Nginx:
    """nginx with ``proxy_cache``, whose files lie in memory (tmpfs) where the machine has it."""

    name: str = "nginx"
    forward: bool = False
    version: Sequence[str] = ("nginx", "-v")

    def missing(self) -> str:
        return _absent("nginx")

    def prepare(self, site: Site) -> Launch:
        configuration = site.write("nginx.conf", self._configuration(site))
        log = str(site.folder / "error.log")
        return Launch([["nginx", "-e", log, "-p", str(site.folder), "-c", str(configuration)]])

    @staticmethod
    def _configuration(site: Site) -> str:
        return f"""\
{"user root;" if site.as_root else ""}
worker_processes 1;
daemon off;
pid {site.folder}/nginx.pid;
error_log {site.folder}/error.log crit;
worker_rlimit_nofile 65536;
events {{ worker_connections 8192; }}
http {{
    access_log {f"{site.folder}/access.log combined buffer=64k flush=5s" if site.logs else "off"};
    default_type application/octet-stream;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    sendfile on;
    tcp_nodelay on;
    open_file_cache max=20000 inactive=1h;
    open_file_cache_valid 1h;
    proxy_cache_path {site.folder}/cache levels=1:2 keys_zone=bench:256m max_size=4g inactive=1h use_temp_path=off;
    client_body_temp_path {site.folder}/body;
    proxy_temp_path {site.folder}/proxy;
    fastcgi_temp_path {site.folder}/fastcgi;
    uwsgi_temp_path {site.folder}/uwsgi;
    scgi_temp_path {site.folder}/scgi;
    upstream origin {{
        server 127.0.0.1:{site.origin};
        keepalive 128;
        keepalive_requests 1000000000;
        keepalive_timeout 1h;
    }}
    server {{
        listen 127.0.0.1:{site.port} backlog=4096;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_cache bench;
        proxy_cache_key $request_uri;
        # What measured fastest for each: no file is sent with tcp_nopush, which waits for acknowledgements here.
        # Head and a small content leave in one write. sendfile in short turns suits a large content that stays in
        # the processor's cache; with many of them it only moves the reading of memory to the client's core.
        location / {{ proxy_pass http://origin; sendfile off; }}
        location /64k/ {{ proxy_pass http://origin; }}
        location /1m/ {{ proxy_pass http://origin; sendfile_max_chunk 128k; }}
        location /1m/varied- {{ proxy_pass http://origin; sendfile off; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Squid:
    """Squid, one process, memory cache only."""

    name: str = "squid"
    forward: bool = True
    version: Sequence[str] = ("squid", "-v")

    def missing(self) -> str:
        return _absent("squid")

    def prepare(self, site: Site) -> Launch:
        # Squid refuses to serve as root.
        site.folder.chmod(0o777 if site.as_root else 0o700)
        configuration = site.write(
            "squid.conf",
            f"""\
http_port 127.0.0.1:{site.port}
icp_port 0
htcp_port 0
snmp_port 0
pid_filename none
{"cache_effective_user nobody" if site.as_root else ""}
visible_hostname localhost
workers 1
cache_mem 2 GB
memory_cache_mode always
memory_cache_shared off
maximum_object_size_in_memory 8 MB
maximum_object_size 8 MB
memory_pools on
memory_pools_limit none
access_log {f"stdio:{site.folder}/access.log squid" if site.logs else "none"}
buffered_logs on
cache_log {site.folder}/cache.log
cache_store_log none
coredump_dir {site.folder}
client_db off
pinger_enable off
digest_generation off
client_persistent_connections on
server_persistent_connections on
client_lifetime 1 day
persistent_request_timeout 1 hour
server_idle_pconn_timeout 1 hour
max_filedescriptors 16384
shutdown_lifetime 0 seconds
http_access allow all
""",
        )
        # The name keeps its shared memory apart from that of a Squid in service on this machine.
        return Launch([["squid", "-N", "-n", f"bench{site.port}", "-f", str(configuration)]])


@dataclass(frozen=True, slots=True)
class Varnish:
    """Varnish with malloc storage. Its record in shared memory is its access log: kept small unless asked for."""

    name: str = "varnish"
    forward: bool = False
    version: Sequence[str] = ("varnishd", "-V")

    def missing(self) -> str:
        return _absent("varnishd")

    def prepare(self, site: Site) -> Launch:
        policy = site.write(
            "bench.vcl", f'vcl 4.1;\nbackend origin {{ .host = "127.0.0.1"; .port = "{site.origin}"; }}\n'
        )
        place = str(site.folder / "n")
        parameters = {
            # One pool, enough threads from the start: each busy connection holds one.
            "thread_pools": "1",
            "thread_pool_min": "100",
            "thread_pool_max": "500",
            "timeout_idle": "3600",
            "backend_idle_timeout": "3600",
        }
        if not site.logs:
            parameters["vsl_mask"] = _QUIET
        command = ["varnishd", "-F", "-n", place, "-a", f"127.0.0.1:{site.port}", "-f", str(policy)]
        command += ["-j", "none", "-T", "none", "-S", "none", "-s", "malloc,2G", "-s", "Transient=malloc,512M"]
        for name, value in parameters.items():
            command += ["-p", f"{name}={value}"]
        log = ["varnishncsa", "-n", place, "-w", str(site.folder / "access.log")]
        return Launch([command, log] if site.logs else [command])


_QUIET = (
    "-Begin,-End,-Link,-SessOpen,-SessClose,-Timestamp,-Hit,-HitMiss,-HitPass,-TTL,-Storage,-VCL_call,"
    "-VCL_return,-VCL_use,-VCL_Log,-ReqStart,-ReqMethod,-ReqURL,-ReqProtocol,-ReqHeader,-ReqUnset,-ReqAcct,"
    "-RespProtocol,-RespStatus,-RespReason,-RespHeader,-RespUnset,-BereqMethod,-BereqURL,-BereqProtocol,"
    "-BereqHeader,-BereqUnset,-BereqAcct,-BerespProtocol,-BerespStatus,-BerespReason,-BerespHeader,"
    "-BerespUnset,-BackendOpen,-BackendReuse,-BackendClose,-BackendStart,-Fetch_Body,-Length,-Filters,"
    "-ObjHeader,-ObjUnset"
)
"""The record's tags, masked."""


@dataclass(frozen=True, slots=True)
class TrafficServer:
    """Traffic Server, one event thread that also accepts, everything in its memory cache."""

    name: str = "trafficserver"
    forward: bool = True
    version: Sequence[str] = ("traffic_server", "--version")

    def missing(self) -> str:
        return _absent("traffic_server")

    def prepare(self, site: Site) -> Launch:
        layout = self._layout(site)
        site.write("etc/records.config", self._records(site))
        site.write("etc/storage.config", f"{site.folder}/storage 4G\n")
        site.write("etc/ip_allow.yaml", "ip_allow:\n- {apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}\n")
        for name in ("remap.config", "plugin.config", "parent.config", "cache.config", "hosting.config"):
            site.write(f"etc/{name}", "")
        site.write("etc/logging.yaml", LOGGING if site.logs else "")
        return Launch([["traffic_server", f"--run-root={layout}"]])

    @staticmethod
    def _layout(site: Site) -> Path:
        own = {"sysconfdir": "etc", "localstatedir": "var", "runtimedir": "run", "logdir": "log", "cachedir": "storage"}
        for name in own.values():
            (site.folder / name).mkdir(parents=True, exist_ok=True)
        lines = ["prefix: /usr", "exec_prefix: /usr", "bindir: /usr/bin", "sbindir: /usr/bin", "datadir: /usr/share"]
        lines += [
            "includedir: /usr/include",
            "libdir: /usr/lib/trafficserver",
            "libexecdir: /usr/lib/trafficserver/modules",
        ]
        lines += [f"{key}: {site.folder / name}" for key, name in own.items()]
        return site.write("runroot.yaml", "\n".join(lines) + "\n")

    @staticmethod
    def _records(site: Site) -> str:
        return f"""\
CONFIG proxy.config.http.server_ports STRING {site.port}:ip-in=127.0.0.1
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.exec_thread.affinity INT 0
CONFIG proxy.config.accept_threads INT 0
CONFIG proxy.config.task_threads INT 1
CONFIG proxy.config.url_remap.remap_required INT 0
CONFIG proxy.config.reverse_proxy.enabled INT 0
CONFIG proxy.config.http.cache.required_headers INT 2
CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 3600
CONFIG proxy.config.http.keep_alive_no_activity_timeout_out INT 3600
CONFIG proxy.config.http.insert_squid_x_forwarded_for INT 1
CONFIG proxy.config.cache.ram_cache.size INT 2G
CONFIG proxy.config.cache.ram_cache_cutoff INT 8M
CONFIG proxy.config.cache.ram_cache.use_seen_filter INT 0
CONFIG proxy.config.cache.min_average_object_size INT 4000
CONFIG proxy.config.log.logging_enabled INT {3 if site.logs else 0}
CONFIG proxy.config.log.logfile_dir STRING {site.folder}/log
CONFIG proxy.config.crash_log_helper STRING NULL
CONFIG proxy.config.diags.show_location INT 0
"""


LOGGING = """\
logging:
  formats:
  - name: squid
    format: '%<cqtq> %<ttms> %<chi> %<crc>/%<pssc> %<psql> %<cqhm> %<cquc> %<caun> %<phr>/%<shn> %<psct>'
  logs:
  - filename: squid
    format: squid
    mode: ascii
"""


@dataclass(frozen=True, slots=True)
class Tsnode:
    """tsnode, from the interpreter that runs the comparison, with its memory store only."""

    name: str = "tsnode"
    forward: bool = True
    version: Sequence[str] = (sys.executable, "-c", "import importlib.metadata as m; print(m.version('tsnode'))")

    def missing(self) -> str:
        return "" if self._twistd.exists() else f"{self._twistd} not found"

    @property
    def _twistd(self) -> Path:
        return Path(sys.executable).parent / "twistd"

    def prepare(self, site: Site) -> Launch:
        site.write(
            "etc/records.config",
            f"""\
CONFIG proxy.config.http.server_ports STRING {site.port}:ip-in=127.0.0.1
CONFIG proxy.config.url_remap.remap_required INT 0
CONFIG proxy.config.cache.ram_cache.size INT 2G
CONFIG proxy.config.cache.ram_cache_cutoff INT 8M
CONFIG proxy.config.log.logging_enabled INT {3 if site.logs else 0}
CONFIG proxy.config.log.logfile_dir STRING {site.folder}/log
""",
        )
        if site.logs:
            site.write("etc/logging.yaml", LOGGING)
        (site.folder / "log").mkdir(exist_ok=True)
        command = [str(self._twistd), "--nodaemon", "--pidfile=", "tsnode", "--config", str(site.folder / "etc")]
        return Launch([command])


SERVERS: tuple[Server, ...] = (Tsnode(), Nginx(), Squid(), Varnish(), TrafficServer())


def is_root() -> bool:
    """Whether the programs have to be told that they run as root."""
    return os.geteuid() == 0
