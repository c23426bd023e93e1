from __future__ import annotations

import asyncio
import json

import pytest

from serving.limits import BodyLimits, Crowd, Patience


LIMIT = 100


def _ask(app, messages, headers=(), deadline=5.0):
    """Send `messages` to the limited `app`; returns what it sends back."""
    sent = []
    waiting = iter(messages)

    async def receive():
        message = next(waiting, None)
        if message is None:
            await asyncio.sleep(3_600)
        return message

    async def send(message):
        sent.append(message)

    limited = BodyLimits(app, limit_bytes=LIMIT, deadline_seconds=deadline)
    scope = {"type": "http", "headers": list(headers)}
    asyncio.run(limited(scope, receive, send))
    return sent


def _part(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


async def _echo(scope, receive, send):
    message = await receive()
    await send({"type": "echo", "body": message["body"]})


async def _unreachable(scope, receive, send):
    raise AssertionError("the application saw a request that was refused")


def _status(sent):
    assert json.loads(sent[1]["body"])["status"] == sent[0]["status"]
    return sent[0]["status"]


@pytest.mark.parametrize("length", [0, 1, LIMIT])
def test_a_body_within_the_limit_arrives_whole(length):
    parts = [_part(b"x" * (length // 2), True), _part(b"x" * (length - length // 2))]

    (echoed,) = _ask(_echo, parts)

    assert echoed["body"] == b"x" * length


def test_a_body_that_says_it_is_too_long_is_not_read():
    headers = [(b"content-length", str(LIMIT + 1).encode())]

    assert _status(_ask(_unreachable, [], headers)) == 413


def test_a_length_of_ten_thousand_digits_is_too_long():
    headers = [(b"content-length", b"9" * 10_000)]

    assert _status(_ask(_unreachable, [], headers)) == 413


def test_a_body_in_parts_is_cut_where_it_passes_the_limit():
    endless = (_part(b"x" * 30, True) for _ in iter(int, 1))

    assert _status(_ask(_unreachable, endless)) == 413


def test_a_body_that_never_ends_is_cut_at_the_deadline():
    assert _status(_ask(_unreachable, [_part(b"x", True)], deadline=0.05)) == 408


def test_a_client_that_goes_away_is_not_answered():
    gone = [_part(b"x", True), {"type": "http.disconnect"}]

    assert _ask(_unreachable, gone) == []


def test_what_is_no_request_is_passed_on():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    limited = BodyLimits(app, limit_bytes=LIMIT, deadline_seconds=1)
    asyncio.run(limited({"type": "lifespan"}, None, None))

    assert seen == ["lifespan"]


def test_the_service_answers_413_for_a_body_over_64_kib(service):
    path = "/v1/scores/care/explain"

    assert service.post(path, content=b"x" * (64 * 1024 + 1)).status_code == 413
    assert service.post(path, content=b"x" * (64 * 1024)).status_code == 422


def _crowded(requests, path="/", most=2):
    """Ask so often at once; returns the statuses, in order."""

    async def app(scope, receive, send):
        await asyncio.sleep(0.01)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    crowd = Crowd(app, most=most, always=frozenset({"/healthz"}))
    statuses = []

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def ask_all():
        scopes = [
            {"type": "http", "path": path, "headers": []} for _ in range(requests)
        ]
        await asyncio.gather(*(crowd(scope, None, send) for scope in scopes))
        before = list(statuses)
        await crowd(scopes[0], None, send)
        return sorted(before), statuses[-1]

    return asyncio.run(ask_all())


def test_one_request_more_than_there_is_room_for_is_told_to_come_again():
    at_once, afterwards = _crowded(3)

    assert at_once == [200, 200, 503]
    assert afterwards == 200


def test_a_supervisor_is_always_answered():
    assert _crowded(3, path="/healthz")[0] == [200, 200, 200]


def test_who_left_in_the_middle_takes_nobody_s_place():
    async def app(scope, receive, send):
        raise ConnectionError

    async def ask():
        crowd = Crowd(app, most=1, always=frozenset())
        for _ in range(3):
            with pytest.raises(ConnectionError):
                await crowd({"type": "http", "path": "/", "headers": []}, None, None)

    asyncio.run(ask())


def _patient(app, *, longest):
    """Ask, and go on until whoever was left is done; returns what was sent back."""
    sent = []

    async def send(message):
        sent.append(message)

    async def ask():
        patience = Patience(app, longest_seconds=longest)
        await patience({"type": "http", "path": "/", "headers": []}, None, send)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    asyncio.run(ask())
    return sent


async def _late(scope, receive, send):
    await asyncio.sleep(0.05)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def test_who_gets_no_answer_in_time_is_told_to_come_again_and_nothing_more():
    sent = _patient(_late, longest=0.01)

    assert _status(sent) == 503
    assert len(sent) == 2


def test_an_answer_in_time_is_passed_on():
    assert [m["type"] for m in _patient(_late, longest=60)] == [
        "http.response.start",
        "http.response.body",
    ]


def test_an_answer_that_has_begun_may_take_its_time():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b"{}"})

    assert [m.get("status") for m in _patient(app, longest=0.01)] == [200, None]


def test_what_fails_after_its_time_says_nothing_of_anybody(caplog):
    async def app(scope, receive, send):
        await asyncio.sleep(0.05)
        raise ValueError("9434765919")

    assert _status(_patient(app, longest=0.01)) == 503
    assert "ValueError" in caplog.text
    assert "9434765919" not in caplog.text


def test_what_fails_in_time_is_answered_further_out():
    async def app(scope, receive, send):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        _patient(app, longest=60)
