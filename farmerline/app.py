"""The web application: pages, webhooks, and in a demo the simulated carrier."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from farmerline import web
from farmerline.runtime import Runtime


def create_app(runtime: Runtime) -> Flask:
    """The application of one runtime. Carriers' webhooks are signed, so they need no form token."""
    settings = runtime.settings
    secure = settings.public_url.startswith("https://")
    app = Flask("farmerline", template_folder="web/templates", static_folder="web/static")
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
        csrf.exempt(hooks)
    if runtime.simulator is not None:
        runtime.simulator.attach(app)
        for pages, checks_itself in simulator_pages(runtime.simulator, runtime.ports):
            app.register_blueprint(pages)
            if checks_itself:
                csrf.exempt(pages)
    return app
