"""The gateways file is read once; whatever is wrong in it is one clear line that names the table and the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from channels.http.keys import PURPOSES
from channels.registry import DEMO_ACCOUNT, Line, build_gateways, read_gateways
from farmerline.app import create_app
from farmerline.clock import FixedClock
from farmerline.errors import Misconfigured
from farmerline.messages import Channel
from farmerline.models import Purpose, ReceiptRow
from farmerline.runtime import Runtime, open_runtime
from tests import factories

LINE = Line(
    "twilio",
    "+8657400002169",
    "https://line.example",
    "AC1",
    "token",
    sms_signature="慈溪农业",
    part_yuan=0.045,
)
HEAD = '[[gateway]]\nname = "relay"\nkind = "http"\nrate = 5\n'
SEND = '[gateway.send]\nurl = "http://127.0.0.1:9/m"\njson = { to = "{to}", text = "{text}" }\n'
FIND = '[gateway.find]\nurl = "http://127.0.0.1:9/m?ref={id}"\nid = "id"\nabsent_status = [404]\n'
SIGN = "[gateway.sign]\n"
REPORTS = '[gateway.reports]\nurl = "http://127.0.0.1:9/r"\nstate = "s"\nstates = { D = "delivered" }\n'


def read(folder: Path, words: str, *, demo: bool = False, line: Line = LINE) -> tuple[object, ...]:
    path = folder / "gateways.toml"
    path.write_text(words, encoding="utf-8")
    return read_gateways(path, demo=demo, line=line)


def test_several_connections_serve_one_channel(tmp_path: Path) -> None:
    more = 'prefixes = ["+8613", "+8618"]\ncost = 0.03\nsignature = ""\n'
    words = f'{HEAD}{more}{SEND}[[gateway]]\nname = "usual"\nkind = "twilio"\nrate = 10\n'
    gateways = build_gateways(LINE, None, read(tmp_path, words))  # type: ignore[arg-type]
    relay, usual, mailbox = gateways
    assert (relay.name, relay.kind, relay.channel, relay.rate) == ("relay", "http", Channel.SMS, 5)
    assert (relay.prefixes, relay.cost, relay.signature, relay.can_find) == (
        ("+8613", "+8618"),
        0.03,
        "",
        False,
    )
    assert (usual.cost, usual.signature, usual.can_find) == (0.045, "慈溪农业", True)
    assert (mailbox.name, mailbox.channel) == ("mailbox", Channel.MAILBOX)


WRONG = [
    ("", "has no [[gateway]] table"),
    ("[gateway]\nname = 'x'\n", "has no [[gateway]] table"),
    ("gateway = 3\n", "has no [[gateway]] table"),
    ("gateway = [3]\n", "write [[gateway]]"),
    ("[[gateway]\n", "is not TOML"),
    ("rate = 3\n" + HEAD + SEND, "rate is not known here"),
    (HEAD.replace("relay", "Relay 1") + SEND, "name is wrong"),
    (HEAD.replace("relay", "mailbox") + SEND, "mailbox is a name of the service's own"),
    (HEAD.replace('name = "relay"\n', "") + SEND, "gateway number 1: name is missing. The connection's name"),
    (HEAD.replace('kind = "http"\n', "") + SEND, 'gateway "relay": kind is missing; there are http, '),
    (HEAD.replace('"http"', '"fax"') + SEND, "kind fax is not known; there are http, "),
    (HEAD.replace("rate = 5\n", "") + SEND, 'gateway "relay": rate is missing. SMS parts or calls a second'),
    (HEAD.replace("5", "0") + SEND, "rate is wrong (Input should be greater than 0)"),
    (HEAD.replace("5", '"fast"') + SEND, "rate is wrong"),
    (HEAD + 'prefixes = ["13"]\n' + SEND, "'13' is not the beginning of a number such as +8613"),
    (HEAD + "cost = -1\n" + SEND, "cost is wrong"),
    (HEAD + 'channel = "voice"\n' + SEND, "kind http carries texts only; channel must be sms."),
    (HEAD + 'channel = "mailbox"\n' + SEND, "channel is wrong (must be sms or voice)"),
    (HEAD + "retries = 3\n" + SEND, "retries is not a key of this table"),
    (HEAD + SEND + HEAD + SEND, 'two gateways are called "relay"'),
    (HEAD, "send is missing. How a message is handed over."),
    (HEAD + SEND.replace("http://127.0.0.1:9/m", "127.0.0.1/m"), "send.url is wrong (must begin with http://"),
    (HEAD + SEND.replace("127.0.0.1", "{to}.example"), "its host must stand there as it is"),
    (HEAD + SEND.replace("127.0.0.1", "me:pw@host"), "without a name and password"),
    (HEAD + SEND.replace(":9/", ":99999999/"), "send.url is wrong"),
    (HEAD + SEND.replace('"{to}"', '"{who}"'), "{who} stands for nothing"),
    (HEAD + SEND.replace('"{to}"', '"{secret.pw}"'), "{secret.pw} stands for nothing"),
    (HEAD + SEND.replace('to = "{to}", ', ""), "send does not say whom the message is to"),
    (HEAD + SEND.replace(', text = "{text}"', ""), "send does not say the words"),
    (HEAD + SEND + "form = { a = 1 }\n", "send is wrong (has both json and form"),
    (HEAD + SEND + 'method = "GET"\n', "is a GET, which has no body"),
    (HEAD + SEND + 'method = "DELETE"\n', "send.method is wrong"),
    (HEAD + SEND + 'headers = { "X Y" = "1" }\n', "'X Y' is not the name of a header"),
    (HEAD + SEND + 'headers = { X = "a\\nb" }\n', "X may hold only plain ASCII signs"),
    (HEAD + SEND + 'headers = { X = "{text}" }\n', "{text} does not belong in a header"),
    (HEAD + SEND + 'id = ""\n', "send.id is wrong (is empty)"),
    (HEAD + SEND + 'id = "re:^[0-9"\n', "is not a regular expression"),
    (HEAD + SEND + 'id = "re:^[0-9]+"\n', "must have one group in brackets"),
    (HEAD + SEND + 'success = { Code = "(" }\n', "is not a regular expression"),
    (HEAD + SEND + 'template = "{template}"\n', "send.template is not a key of this table"),
    (HEAD + SEND + FIND.replace("absent_status = [404]\n", ""), "find is wrong (does not say what an unknown message looks like"),
    (HEAD + SEND + FIND + 'list = "items"\n', "has a list and no match"),
    (HEAD + SEND + FIND.replace('id = "id"\n', ""), "find.id is missing"),
    (HEAD + SEND + '[gateway.reasons]\n"1" = "bad luck"\n', "reasons.1 is wrong (Input should be 'bad_address'"),
    (HEAD + SEND + '[gateway.templates]\nalerts = "T1"\n', "alerts is no purpose; there are alert, "),
    (HEAD + SEND + '[gateway.templates]\n"*" = "T1"\n', "{template} and the table templates belong together"),
    (HEAD + SEND.replace("{text}", "{text}{template}"), "{template} and the table templates belong together"),
    (HEAD + SEND + '[gateway.secrets]\npw = "open"\n', 'pw is a secret: give pw = "env:NAME" or pw_file = "path"'),
    (HEAD + SEND + '[gateway.secrets]\npw = "env:FL_NOT_THERE"\n', "which the environment does not hold"),
    (HEAD + SEND + '[gateway.secrets]\npw_file = "/nowhere/pw"\n', "names /nowhere/pw, which cannot be read"),
    (HEAD + 'ca_file = "/nowhere/ca.pem"\n' + SEND, "ca_file is wrong (/nowhere/ca.pem holds no certificates"),
    (HEAD + 'read_seconds = 60\n' + SEND, "read_seconds is wrong (Input should be less than or equal to 25)"),
    (HEAD + SEND + SIGN + 'recipe = "magic"\n', "sign is wrong (Input tag 'magic' found using 'recipe' does not match"),
    (HEAD + SEND + SIGN, "sign is wrong (Unable to extract tag using discriminator 'recipe')"),
    (HEAD + SEND + SIGN + 'recipe = "basic"\nuser = "a:b"\npassword = "env:HOME"\n', "sign.user is wrong"),
    (HEAD + SEND + SIGN + 'recipe = "basic"\nuser = "a"\n', "sign.password is missing. The password."),
    (HEAD + SEND + SIGN + 'recipe = "header"\ntoken = "open"\n', 'token is a secret: give token = "env:NAME"'),
    (HEAD + SEND + SIGN + 'recipe = "digest"\nover = "{text}"\n', "{mac} and a recipe that gives it belong together"),
    (HEAD + SEND.replace("{text}", "{text}{mac}"), "{mac} and a recipe that gives it belong together"),
    (
        HEAD + SEND.replace("{text}", "{text}{mac}") + SIGN + 'recipe = "hmac-sha256"\nsecret = "env:HOME"\nover = "{body}"\n',
        "{body} is not known yet where {mac} stands in the request; give a header",
    ),
    (HEAD + SEND + SIGN + 'recipe = "hmac-sha256"\nsecret = "env:HOME"\nover = "{who}"\nheader = "X"\n', "{who} stands for nothing"),
    (HEAD + SEND + '[gateway.receipts]\nref = "a"\nstate = "b"\nstates = { D = "delivered" }\n', "receipts.verify is missing. How the carrier proves"),
    (HEAD + SEND + REPORTS, "reports is wrong (does not say whose state it is; give ref or delivery)"),
    (HEAD + SEND + REPORTS.replace('"delivered"', '"read"') + 'ref = "a"\n', "reports.states.D is wrong"),
    (HEAD + SEND + REPORTS.replace('{ D = "delivered" }', "{}") + 'ref = "a"\n', "reports.states is wrong"),
    (HEAD + SEND + REPORTS.replace("reports", "status") + 'list = "a"\n', "has a list and no match"),
    (HEAD + SEND + '[gateway.inbox]\nurl = "http://x/"\nref = []\nsender = "a"\ntext = "b"\n', "inbox.ref is wrong"),
    ('[[gateway]]\nname = "a"\nkind = "simulator"\nrate = 5\n', "the simulator works only with FARMERLINE_MODE=demo"),
    (
        '[[gateway]]\nname = "a"\nkind = "twilio"\nrate = 5\n[[gateway]]\nname = "b"\nkind = "twilio"\nrate = 5\n',
        'gateway "b": there is another of kind twilio for sms',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[said[:40] for _, said in WRONG])
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read(tmp_path, words)
    told = str(caught.value)
    assert said in told
    assert "\n" not in told
    assert told.startswith(str(tmp_path / "gateways.toml"))


def test_the_purposes_of_templates_are_the_domains() -> None:
    assert set(Purpose) == PURPOSES


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"FARMERLINE_GATEWAYS names .*none\.toml, which cannot be read"):
        read_gateways(tmp_path / "none.toml", demo=False, line=LINE)


def test_the_lines_own_account_is_needed_for_it(tmp_path: Path) -> None:
    words = '[[gateway]]\nname = "a"\nkind = "twilio"\nrate = 5\n'
    with pytest.raises(Misconfigured, match="kind twilio needs FARMERLINE_TWILIO_ACCOUNT_SID"):
        read(tmp_path, words, line=Line("twilio", "1", "https://x", DEMO_ACCOUNT, "key"))


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (HEAD + SEND, True),
        (HEAD + SEND.replace("127.0.0.1", "localhost"), True),
        (HEAD + SEND.replace("127.0.0.1", "sms.example"), False),
        (HEAD + SEND + FIND.replace("127.0.0.1", "sms.example"), False),
        ('[[gateway]]\nname = "a"\nkind = "twilio"\nrate = 5\n', False),
        ('[[gateway]]\nname = "a"\nkind = "simulator"\nrate = 5\n', True),
    ],
)
def test_a_demo_reaches_nobody(tmp_path: Path, words: str, allowed: bool) -> None:
    if allowed:
        read(tmp_path, words, demo=True)
    else:
        with pytest.raises(Misconfigured, match="a demo reaches nobody"):
            read(tmp_path, words, demo=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "sms.example"])
def test_a_proof_reaches_nobody(tmp_path: Path, host: str) -> None:
    file = tmp_path / "gateways.toml"
    file.write_text(HEAD + SEND.replace("127.0.0.1", host), encoding="utf-8")
    settings = factories.make_test_settings(tmp_path, mode="proof", gateway="twilio", gateways=file)
    if host == "127.0.0.1":
        open_runtime(settings).database.close()
    else:
        with pytest.raises(Misconfigured, match="proof reaches nobody"):
            open_runtime(settings)


def test_secrets_come_from_files_or_the_environment_and_never_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pw").write_text("from-a-file\n")
    monkeypatch.setenv("FL_TOKEN", "from-the-environment")
    send = SEND.replace('"{to}"', '"{to}", pw = "{secret.pw}", token = "{secret.token}"')
    (table,) = read(
        tmp_path, f'{HEAD}{send}[gateway.secrets]\npw_file = "{tmp_path}/pw"\ntoken = "env:FL_TOKEN"\n'
    )
    assert {name: one.get_secret_value() for name, one in table.secrets.items()} == {  # type: ignore[attr-defined]
        "pw": "from-a-file",
        "token": "from-the-environment",
    }
    (gateway, _) = build_gateways(LINE, None, (table,))  # type: ignore[arg-type]
    assert "from-" not in repr(table) + str(table) + repr(gateway) + repr(gateway.sender)


def test_a_county_runs_on_the_connections_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "gateways.toml"
    path.write_text('[[gateway]]\nname = "box"\nkind = "simulator"\nrate = 7\n' + HEAD + SEND)
    settings = factories.make_test_settings(tmp_path, gateways=path, sms_signature="慈溪农业")
    database = factories.make_database(settings.database_url)
    runtime = Runtime(settings=settings, database=database, clock=FixedClock(factories.NOW))
    runtime.prepare()
    assert [(one.name, one.rate, one.signature) for one in runtime.gateways] == [
        ("box", 7, "慈溪农业"), ("relay", 5, "慈溪农业"), ("mailbox", 10_000, ""),
    ]  # fmt: skip
    assert len(runtime.hooks()) == 1  # the simulator's texts; no voice line is configured
    database.close()


def test_a_wrong_file_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "gateways.toml"
    path.write_text(HEAD)
    settings = factories.make_test_settings(tmp_path, gateways=path)
    with pytest.raises(Misconfigured, match="send is missing"):
        open_runtime(settings)


def test_a_carriers_call_passes_the_whole_service_and_is_kept_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the message's own id is known, as carriers do: the form check does not stop it, the proof does."""
    monkeypatch.setenv("FL_TOKEN", "a-token-made-up-for-tests")
    hook = '[gateway.receipts]\nverify = { recipe = "token", query = "t", token = "env:FL_TOKEN" }\n'
    path = tmp_path / "gateways.toml"
    path.write_text(f'{HEAD}{SEND}{hook}ref = "id"\nstate = "s"\nstates = {{ D = "delivered" }}\n')
    settings = factories.make_test_settings(tmp_path, gateways=path)
    database = factories.make_database(settings.database_url)
    runtime = Runtime(settings=settings, database=database, clock=FixedClock(factories.NOW))
    runtime.prepare()
    app = create_app(runtime)
    assert [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/hooks/")
        and getattr(app.view_functions[rule.endpoint], "allowed", "") == "carrier"
    ] == ["/hooks/relay/receipts"]
    browser = app.test_client()
    for token, status in (("x", 403), ("a-token-made-up-for-tests", 200), ("a-token-made-up-for-tests", 200)):
        assert (
            browser.post(f"/hooks/relay/receipts?t={token}", json=[{"id": "c1", "s": "D"}]).status_code
            == status
        )
    with database.read() as session:
        assert [(row.gateway, row.ref) for row in session.scalars(select(ReceiptRow))] == [("relay", "c1")]
    database.close()


def test_the_examples_are_right_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "ALIYUN_KEY_ID",
        "ALIYUN_KEY_SECRET",
        "ALIYUN_HOOK_TOKEN",
        "RELAY_TOKEN",
        "RELAY_HOOK_SECRET",
    ):
        monkeypatch.setenv(name, "made-up-for-tests-only")
    examples = sorted((Path(__file__).resolve().parents[2] / "deploy/gateways").glob("*.toml"))
    assert [read_gateways(path, demo=False, line=LINE)[0].name for path in examples] == ["aliyun", "relay"]
