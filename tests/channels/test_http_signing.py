"""Requests prove that they are ours: each recipe is checked as its description says, from the bytes on the wire."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from channels.http.requests import Prepared
from channels.http.signing import Sign, sign_request
from channels.http.templates import Facts
from tests.channels.loop import Asked, Service, open_service
from tests.channels.test_http_sms import MESSAGE, sender
from tests.factories import NOW

SECRET = "a-secret-made-up-for-tests"
SEND = '[send]\nurl = "{URL}/m?b=2&a=1"\njson = { to = "{to}", text = "{text}", at = "{timestamp}" }\n'


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FL_SECRET", SECRET)


@pytest.fixture
def service() -> Iterator[Service]:
    with open_service() as made:
        yield made


def asked(service: Service, sign: str, send: str = SEND) -> Asked:
    sender(service, f"{send}[sign]\n{sign}\n").send(MESSAGE)
    (found,) = service.asked
    return found


def mac(words: str | bytes) -> bytes:
    return hmac.new(
        SECRET.encode(), words if isinstance(words, bytes) else words.encode(), hashlib.sha256
    ).digest()


def test_a_token_stands_in_its_header(service: Service) -> None:
    found = asked(service, 'recipe = "header"\nheader = "X-Key"\nprefix = "Key "\ntoken = "env:FL_SECRET"')
    assert found.headers["x-key"] == f"Key {SECRET}"


def test_a_user_and_a_password_are_sent_as_the_rfc_says(service: Service) -> None:
    found = asked(service, 'recipe = "basic"\nuser = "慈溪"\npassword = "env:FL_SECRET"')
    scheme, _, pair = found.headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(pair).decode()) == ("Basic", f"慈溪:{SECRET}")


def test_without_a_recipe_nothing_is_added(service: Service) -> None:
    assert "authorization" not in asked(service, 'recipe = "none"').headers


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("hex", bytes.hex),
        ("HEX", lambda b: b.hex().upper()),
        ("base64", lambda b: base64.b64encode(b).decode()),
    ],
)
def test_an_hmac_covers_what_the_settings_put_together(
    service: Service, encoding: str, shown: object
) -> None:
    over = r"{method}\n{host}\n{path}\n{query}\n{timestamp}\n{body_sha256}\n{body}"
    sign = f'recipe = "hmac-sha256"\nsecret = "env:FL_SECRET"\nover = "{over}"\nheader = "X-Mac"\nvalue = "v1 {{mac}}"\n'
    found = asked(service, f'{sign}encoding = "{encoding}"')
    body = found.body
    words = f"POST\n{found.headers['host']}\n/m\nb=2&a=1\n{int(NOW.timestamp())}\n{hashlib.sha256(body).hexdigest()}\n".encode()
    assert found.headers["x-mac"] == f"v1 {shown(mac(words + body))}"  # type: ignore[operator]


def test_an_hmac_may_stand_inside_the_request(service: Service) -> None:
    send = '[send]\nurl = "{URL}/m"\nform = { to = "{to}", text = "{text}", n = "{nonce}", mac = "{mac}" }\n'
    found = asked(
        service, 'recipe = "hmac-sha256"\nsecret = "env:FL_SECRET"\nover = "{to}{text}{nonce}"', send
    )
    assert found.form["mac"] == mac(MESSAGE.to + MESSAGE.text + found.form["n"]).hex()


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_a_hash_over_words_and_a_password_as_older_services_want_it(service: Service, name: str) -> None:
    send = '[send]\nurl = "{URL}/m"\nform = { to = "{to_national}", text = "{text}", t = "{local}", mac = "{mac}" }\n'
    sign = (
        f'recipe = "digest"\nhash = "{name}"\nover = "acc{{secret.pw}}{{local}}{{text}}"\nencoding = "HEX"\n'
    )
    found = asked(service, f'{sign}[secrets]\npw = "env:FL_SECRET"', send)
    words = f"acc{SECRET}{found.form['t']}{MESSAGE.text}".encode()
    assert found.form["mac"] == hashlib.new(name, words).hexdigest().upper()
    assert SECRET not in found.body.decode()


def test_the_providers_own_example_of_version_3_comes_out_right() -> None:
    """The figures of the description's worked example (RunInstances, YourAccessKeyId)."""
    sign: Sign = TypeAdapter(Sign).validate_python(
        {"recipe": "acs3-hmac-sha256", "key_id": "env:FL_ID", "key_secret": "env:FL_KEY"}
    )
    request = Prepared(
        "POST",
        "https://ecs.cn-shanghai.aliyuncs.com",
        "/?RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        {"x-acs-action": "RunInstances", "x-acs-version": "2014-05-26"},
    )
    at = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
    sign_request(sign, request, Facts(now=at, day=at, nonce="3156853299f313e23d1673dc12e1703d"))
    assert request.headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@pytest.fixture(autouse=True)
def example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FL_ID", "YourAccessKeyId")
    monkeypatch.setenv("FL_KEY", "YourAccessKeySecret")
