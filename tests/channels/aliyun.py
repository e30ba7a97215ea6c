"""Alibaba Cloud's SMS service on the loopback, as its pages describe it: signature version 3, SendSms, QuerySendDetails.

Written from the provider's description ("V3版本请求体&签名机制", "SendSms", "QuerySendDetails"), with no code of the product: what the
request was is taken from the bytes on the wire.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, urlsplit

from tests.channels.loop import Asked, reply

KEY_ID, KEY_SECRET = "LTAI-made-up-for-tests", "a-secret-made-up-for-tests"
TEMPLATES = {"SMS_1001": "您好，${text}", "SMS_2002": "农情提醒：${text}"}
_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=(?P<key>[^,]+),SignedHeaders=(?P<names>[^,]+),Signature=(?P<mac>[0-9a-f]{64})"
)


def percent(text: str) -> str:
    """RFC 3986: everything but letters, digits and - _ . ~ as %XX."""
    return quote(text, safe="-_.~")


@dataclass
class Aliyun:
    """The service; ``fault`` makes it answer that code, ``taken`` is what it has sent."""

    now: datetime
    taken: list[dict[str, str]] = field(default_factory=list)
    fault: str = ""
    status: int = 1
    objections: list[str] = field(default_factory=list)
    _nonces: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> bytes:
        """The answer to a request."""
        if wrong := self.objection(asked):
            self.objections.append(wrong)
            return reply(400, {"Code": wrong, "Message": wrong, "RequestId": "R"})
        if self.fault:
            return reply(200, {"Code": self.fault, "Message": "no", "RequestId": "R"})
        action = {"SendSms": self._send, "QuerySendDetails": self._details}[asked.headers["x-acs-action"]]
        return reply(200, {"Code": "OK", "Message": "OK", "RequestId": "R", **action(self._fields(asked))})

    def objection(self, asked: Asked) -> str:
        """Why the request is refused; empty for nothing."""
        found = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
        if not found:
            return "MissingAuthorization"
        if found["key"] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        names = found["names"].split(";")
        must = {
            "host",
            "x-acs-action",
            "x-acs-version",
            "x-acs-date",
            "x-acs-signature-nonce",
            "x-acs-content-sha256",
        }
        if "content-type" in asked.headers:
            must.add("content-type")
        if names != sorted(names) or not must <= set(names):
            return "InvalidSignedHeaders"
        if asked.headers["x-acs-version"] != "2017-05-25":
            return "InvalidVersion"
        at = datetime.strptime(asked.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs((at - self.now).total_seconds()) > 900:
            return "InvalidTimeStamp.Expired"
        if asked.headers["x-acs-signature-nonce"] in self._nonces:
            return "SignatureNonceUsed"
        self._nonces.add(asked.headers["x-acs-signature-nonce"])
        payload = hashlib.sha256(asked.body).hexdigest()
        if asked.headers["x-acs-content-sha256"] != payload:
            return "ContentSha256Mismatch"
        pairs = parse_qsl(urlsplit(asked.target).query, keep_blank_values=True)
        query = "&".join(f"{percent(name)}={percent(value)}" for name, value in sorted(pairs))
        lines = "".join(f"{name}:{asked.headers[name].strip()}\n" for name in names)
        canonical = f"{asked.method}\n{asked.path}\n{query}\n{lines}\n{';'.join(names)}\n{payload}"
        words = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        right = hmac.new(KEY_SECRET.encode(), words.encode(), hashlib.sha256).hexdigest()
        return "" if hmac.compare_digest(right, found["mac"]) else "SignatureDoesNotMatch"

    def _send(self, fields: dict[str, str]) -> dict[str, object]:
        assert re.fullmatch(r"1\d{10}", fields["PhoneNumbers"]), "domestic numbers have eleven digits"
        text = TEMPLATES[fields["TemplateCode"]]
        for name, value in json.loads(fields["TemplateParam"]).items():
            text = text.replace(f"${{{name}}}", value)
        kept = {**fields, "Content": f"【{fields['SignName']}】{text}", "BizId": f"{len(self.taken) + 1}^0"}
        self.taken.append(kept)
        return {"BizId": kept["BizId"]}

    def _details(self, fields: dict[str, str]) -> dict[str, object]:
        assert int(fields["PageSize"]) <= 50 and fields["CurrentPage"] == "1"
        day = f"{self.now.astimezone(timezone(timedelta(hours=8))):%Y%m%d}"
        found = [
            {
                "PhoneNum": one["PhoneNumbers"], "OutId": one["OutId"], "Content": one["Content"], "SendStatus": self.status,
                "ErrCode": {1: "", 2: "MOBILE_NOT_ON_SERVICE", 3: "DELIVERED"}[self.status], "TemplateCode": one["TemplateCode"],
            }
            for one in self.taken
            if one["PhoneNumbers"] == fields["PhoneNumber"] and fields["SendDate"] == day
        ]  # fmt: skip
        return {"TotalCount": len(found), "SmsSendDetailDTOs": {"SmsSendDetailDTO": found}}

    @staticmethod
    def _fields(asked: Asked) -> dict[str, str]:
        return {**asked.query, **(asked.form if asked.body else {})}
