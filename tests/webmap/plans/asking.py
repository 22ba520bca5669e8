"""Small ways of asking for plans, for their tests."""

from geodata import closures
from tests import people
from tests.factories import ADMIN, CENTRE, drawing


def asked(client, scenario="leak", **told):
    """Return the answer that a worker sees before a plan is saved."""
    question = {"at": CENTRE, "scenario": scenario} | told
    answer = client.post("/api/emergency/answer", json=question, headers=people.csrf(client))
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def chosen(answer, n=4):
    return [
        {"merchant": one["merchant"]["id"], "mode": one["mode"]} for one in answer["helpers"][:n]
    ]


def farthest(answer):
    one = max(answer["helpers"], key=lambda one: one["duration_s"] or 0)
    return {"merchant": one["merchant"]["id"], "mode": one["mode"]}


def post(client, key="", **told):
    headers = people.csrf(client) | ({"Idempotency-Key": key} if key else {})
    plan = {"name": "泉园路跑水", "incident": {"at": CENTRE, "scenario": "leak"}} | told
    return client.post("/api/plans", json=plan, headers=headers)


def saved(client, **told):
    answer = post(client, **told)
    assert answer.status_code == 201, answer.text
    people.conforms(answer, "/api/plans", "post")
    return answer.get_json()


def patch(client, plan, **told):
    headers = people.csrf(client) | {"If-Match": f'"{plan["version"]}"'}
    return client.patch(f"/api/plans/{plan['id']}", json=told, headers=headers)


def changed(client, plan, **told):
    answer = patch(client, plan, **told)
    assert answer.status_code == 200, answer.text
    people.conforms(answer, "/api/plans/{plan_id}", "patch")
    return answer.get_json()


def got(client, plan, path=""):
    answer = client.get(f"/api/plans/{plan['id']}{path}")
    assert answer.status_code == 200, answer.text
    people.conforms(answer, f"/api/plans/{{plan_id}}{path}", "get")
    return answer.get_json()


def differences(client, plan):
    return {one["what"]: one["text"] for one in got(client, plan, "/now")["differences"]}


def close(store, geometry, **told):
    with store.writing() as tx:
        return closures.draw(tx, drawing(geometry, **told), actor=ADMIN)
