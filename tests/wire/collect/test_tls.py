"""Names are proved by their certificate although the connection is made to a checked address."""

from __future__ import annotations

import http.server
import shutil
import ssl
import subprocess
import threading

import pytest

from broadsheet.wire.collect import fetcher as module
from broadsheet.wire.errors import CollectError


@pytest.fixture
def secure(tmp_path, monkeypatch):
    """A server on loopback whose certificate is for secure.example, trusted by the fetcher."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    asked = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=secure.example"
    names = ["-addext", "subjectAltName=DNS:secure.example"]
    subprocess.run(
        ["openssl", *asked.split(), *names, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-length", "5")
            self.end_headers()
            self.wfile.write(b"words")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.handle_error = lambda *_: None
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setattr(
        module, "_trust", lambda: ssl.create_default_context(cafile=str(certificate))
    )
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_name_is_proved_by_its_certificate_and_another_is_not(secure, a_fetcher):
    fetcher = a_fetcher(resolve=lambda host, port: ["127.0.0.1"], obey_robots=False, retries=0)
    assert fetcher.get(f"https://secure.example:{secure}/").body == b"words"
    for stranger in ("other.example", "127.0.0.1"):
        with pytest.raises(CollectError) as caught:
            fetcher.get(f"https://{stranger}:{secure}/")
        assert caught.value.reason == "network"
        assert "certificate" in str(caught.value).lower()
