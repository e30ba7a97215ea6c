"""Settings are read once; a wrong one stops the start with one line that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from farmerline.config import Module, Settings, make_settings, read_settings
from farmerline.errors import Misconfigured
from farmerline.vault import make_key

KEY = make_key()
WHOLE = {
    "database_url": "sqlite:////srv/x.db", "home": "/srv/x", "county": "330282", "service_name": "农信通达", "line_number": "12316",
    "twilio_account_sid": "AC1", "twilio_auth_token": "secret-token", "twilio_number": "+8657412345678",
    "vault_keys": f"k1:{KEY}", "index_key": KEY, "web_key": "w" * 32,
}  # fmt: skip


def environment(**changes: str) -> dict[str, str]:
    values = {f"FARMERLINE_{name.upper()}": value for name, value in WHOLE.items()}
    return values | {f"FARMERLINE_{name}": value for name, value in changes.items()}


def test_the_environment_alone_is_enough() -> None:
    settings = read_settings(
        environment(MODULES="voice, mailbox", FOLLOW_UP_DAYS="1,2", KEEP_RESIDENT_NUMBER="yes")
    )
    assert (settings.county, settings.mode, settings.gateway) == ("330282", "production", "twilio")
    assert settings.modules == {Module.VOICE, Module.MAILBOX}
    assert not settings.has(Module.TV)
    assert settings.follow_up_days == (1, 2)
    assert settings.keep_resident_number
    assert settings.backups == Path("/srv/x/backups")
    assert not settings.is_demo


def test_a_file_is_read_and_the_environment_comes_before_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    lines = [f"FARMERLINE_{name.upper()}={value}" for name, value in WHOLE.items()]
    (tmp_path / "token").write_text("from a file\n")
    lines = [line for line in lines if "TOKEN" not in line] + [
        f"FARMERLINE_TWILIO_AUTH_TOKEN_FILE={tmp_path / 'token'}"
    ]
    file.write_text("\n".join(lines))
    settings = read_settings({"FARMERLINE_SETTINGS": str(file), "FARMERLINE_COUNTY": "360502"})
    assert settings.county == "360502"
    assert settings.twilio_auth_token.get_secret_value() == "from a file"


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"k7:{KEY}\n")
    given = environment(VAULT_KEYS_FILE=str(tmp_path / "key"))
    del given["FARMERLINE_VAULT_KEYS"]
    assert read_settings(given).vault().seal("x", place="p").startswith("k7:")


def test_secrets_do_not_print() -> None:
    shown = repr(read_settings(environment())) + str(read_settings(environment()))
    for secret in ("secret-token", KEY, "w" * 32):
        assert secret not in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"COUNTY": "33"}, "FARMERLINE_COUNTY is wrong"),
        ({"SERVICE_NAME": "农"}, "FARMERLINE_SERVICE_NAME is wrong"),
        ({"PUBLIC_URL": "ftp://x"}, "must begin with http"),
        ({"LINE_NUMBER": "call me"}, "must be a telephone number"),
        ({"LISTEN": "everywhere"}, "must end with a port"),
        ({"LISTEN": "127.0.0.1:80000"}, "must end with a port"),
        ({"WEB_KEY": "short"}, "at least 32"),
        ({"GATEWAY": "simulator"}, "only with FARMERLINE_MODE=demo"),
        ({"CLOCK_FILE": "/srv/clock"}, "only with FARMERLINE_MODE=proof"),
        ({"MODE": "demo"}, "a demo reaches nobody"),
        ({"TWILIO_NUMBER": ""}, "needs FARMERLINE_TWILIO"),
        ({"MODULES": "voice,pigeon"}, "FARMERLINE_MODULES is wrong"),
        ({"QUIET_FROM": "25"}, "FARMERLINE_QUIET_FROM is wrong"),
        ({"MATCHES_A_SIDE": "4"}, "FARMERLINE_MATCHES_A_SIDE is wrong"),
        ({"COUNTRY": "china"}, "FARMERLINE_COUNTRY is not a setting"),
        ({"SETTINGS": "/nowhere/settings.env"}, "which is not a file"),
        ({"WEB_KEY_FILE": "/nowhere/key"}, "cannot be read"),
    ],
)
def test_a_wrong_setting_is_told_with_its_name(changes: dict[str, str], said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read_settings(environment(**changes))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [name for name in WHOLE if not name.startswith("twilio")])
def test_a_missing_setting_is_told_with_its_meaning(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"FARMERLINE_{name.upper()} is missing") as caught:
        make_settings({key: value for key, value in WHOLE.items() if key != name})
    meaning = Settings.model_fields[name].description or ""
    assert meaning
    assert meaning in str(caught.value)


@pytest.mark.parametrize("keys", ["k1:short", "k1:!!", "k1", ""])
def test_a_wrong_vault_key_is_told_before_anything_is_sealed(keys: str) -> None:
    with pytest.raises(Misconfigured, match=r"farmerline key|32 bytes"):
        make_settings({**WHOLE, "vault_keys": keys}).vault()


def test_a_name_in_the_file_that_is_no_setting_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("FARMERLINE_COUNTRY=china\n")
    with pytest.raises(Misconfigured, match="FARMERLINE_COUNTRY is not a setting"):
        read_settings({"FARMERLINE_SETTINGS": str(tmp_path / "settings.env")})
