"""`vitrine ui`: the shop as a web page on this machine."""

import argparse
import logging
import sys

from vitrine.core.errors import RequestError
from vitrine.core.settings import read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine ui`."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument("--port", type=int, default=8000, help="port (default: %(default)s)")
    parser.add_argument("--domain", help="domain pack: a name or a folder")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    if not 0 < args.port < 65536:
        raise RequestError(f"port {args.port!r}: expected 1..65535")
    settings = read_settings(domain=args.domain)
    import uvicorn

    from vitrine.ui.web import create_app

    print(
        f"opening the shop on http://{args.host}:{args.port} (Ctrl-C stops it) ...", file=sys.stderr
    )
    logging.getLogger("socketio").setLevel(logging.WARNING)
    app = create_app(settings)
    uvicorn.run(app, host=args.host, port=args.port, log_level=settings.log_level)
    return 0
