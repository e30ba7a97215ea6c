"""The web application: pages, webhooks, and in a demo the simulated carrier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from channels.registry import Simulator
from channels.simulator.api import handset_api
from channels.simulator.phone import phone_pages
from farmerline import web
from farmerline.runtime import Runtime


class Application(Flask):
    """Carriers' webhooks have doors of their own: nothing of what pages go through (session, form check, limits, headers for
    browsers) is done for them."""

    def __init__(self, name: str, **more: Any) -> None:
        super().__init__(name, **more)
        self.hooks: set[str] = set()

    def preprocess_request(self) -> ResponseReturnValue | None:
        return None if request.blueprint in self.hooks else super().preprocess_request()

    def process_response(self, response: Response) -> Response:
        return response if request.blueprint in self.hooks else super().process_response(response)


def create_app(runtime: Runtime) -> Flask:
    """The application of one runtime. Carriers' webhooks are signed, so they need no form token."""
    settings = runtime.settings
    secure = settings.public_url.startswith("https://")
    app = Application("farmerline", template_folder="web/templates", static_folder="web/static")
    app.config.update(
        SECRET_KEY=settings.web_key.get_secret_value(),
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SESSION_COOKIE_NAME="__Host-farmerline" if secure else "farmerline",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.farmer_idle_days),
    )
    app.extensions["farmerline"] = runtime
    if secure:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    csrf = web.install(app)
    for hooks in runtime.hooks():
        app.register_blueprint(hooks)
        app.hooks.add(hooks.name)
        csrf.exempt(hooks)
    if runtime.simulator is not None:
        _add_simulator(app, csrf, runtime.simulator, runtime)
    return app


def _add_simulator(app: Flask, csrf: CSRFProtect, simulator: Simulator, runtime: Runtime) -> None:
    """The simulated carrier's pages, its JSON door for the command line, and its REST door for clients."""
    simulator.attach(app)
    app.register_blueprint(phone_pages(simulator.exchange, runtime.ports))
    for api in (handset_api(simulator.exchange, runtime.ports), simulator.api()):
        app.register_blueprint(api)
        csrf.exempt(api)
