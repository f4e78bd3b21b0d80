"""The web application: one FastAPI app that owns the shop and carries the Chainlit page.

The page talks to no other host: a Content-Security-Policy keeps scripts, styles, fonts and pictures
to this server.
"""

import os
import shutil
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitrine.agent.session import Shop, open_shop
from vitrine.agent.toolbox import Models
from vitrine.core import places
from vitrine.core.errors import SetupError
from vitrine.core.settings import Settings

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
    " connect-src 'self' ws: wss:; frame-ancestors 'none'"
)


class OpenShop:
    """The shop that this process serves; set while the application runs."""

    def __init__(self) -> None:
        self._shop: Shop | None = None

    def get(self) -> Shop:
        """The open shop.

        Raises:
            SetupError: the application is not running.
        """
        if self._shop is None:
            raise SetupError("the shop is not open: start the page with `vitrine ui`")
        return self._shop

    def set(self, shop: Shop | None) -> None:
        """Open (or, with None, close) the shop for the callbacks of the page."""
        self._shop = shop


OPEN = OpenShop()


def prepare_chainlit(root: Path) -> None:
    """Lay out Chainlit's folder: its settings and our cards. Must run before chainlit is imported.

    Importing chainlit writes into its root, which therefore lies under the user data folder.
    """
    root.mkdir(parents=True, exist_ok=True)
    public = root / "public"
    if public.exists():
        shutil.rmtree(public)
    shutil.copytree(Path(__file__).parent / "public", public)
    for path in (public, *public.rglob("*")):  # a read-only install must not make a read-only copy
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    os.environ["CHAINLIT_APP_ROOT"] = str(root)


def furnish(title: str) -> None:
    """Set what the page looks like and takes in."""
    from chainlit import config as chainlit  # the folder is laid out by now

    ui, features = chainlit.config.ui, chainlit.config.features
    ui.name = title
    ui.default_theme = "light"
    ui.layout = "wide"
    ui.confirm_new_chat = False
    ui.custom_css = "/public/vitrine.css"
    features.spontaneous_file_upload = chainlit.SpontaneousFileUploadFeature(
        enabled=True, accept=["image/png", "image/jpeg", "image/webp"], max_files=1, max_size_mb=20
    )


class ContentPolicy:
    """Adds the security headers to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, send_with_headers)


def create_app(settings: Settings, *, models: Models | None = None) -> FastAPI:
    """The application with the page at `/`; the shop opens and closes with it.

    `models` are loaders to use instead of the backend's own.
    """
    prepare_chainlit((Path(settings.home) if settings.home else places.home()) / "ui")
    from chainlit.utils import mount_chainlit

    furnish("Vitrine")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with open_shop(settings, models=models) as shop:
            OPEN.set(shop)
            try:
                yield
            finally:
                OPEN.set(None)

    app = FastAPI(title="Vitrine", lifespan=lifespan, docs_url=None, redoc_url=None)
    mount_chainlit(app, target=str(Path(__file__).with_name("chainlit_app.py")), path="/")
    app.add_middleware(ContentPolicy)
    return app
