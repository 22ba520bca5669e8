"""A plan that is erased is in no byte of the file, nor is in a plan who was erased."""

from geodata import merchants
from tests.factories import ADMIN
from tests.webmap.plans.asking import asked, changed, chosen, got, saved

NAME, PHONE = "獬豸麒麟饕餮铺", "13987650123"


def test_no_byte_of_an_erased_helper_stays(worker, store, app_with_streets, instance):
    helpers = chosen(asked(worker, modes=["foot"]))
    shop = helpers[1]["merchant"]
    with store.writing() as tx:
        told = {"name": NAME, "phones": (PHONE,)}
        version = tx.row("merchant", shop)["version"]
        merchants.edit(tx, shop, told, version=version, actor=ADMIN)
    plan = saved(worker, helpers=helpers)
    other = saved(worker, name="别的", notes=f"问过{NAME}")
    assert NAME in str(plan["answer"])
    words = ("merchants", "erase", shop, "--why", "店主要求", "--yes")
    done = app_with_streets.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, done.output
    assert f"预案“{plan['name']}”（{plan['id']}）里的也已删除" in done.output
    assert f"请自己看一下预案“别的”（{other['id']}）" in done.output
    answer = got(worker, plan)["answer"]
    assert [one["merchant"]["id"] for one in answer["helpers"]] == [
        one["merchant"] for one in helpers
    ]
    assert NAME not in str(answer)
    assert PHONE not in str(answer)
    events = worker.get(f"/plans/{plan['id']}/state").get_json()["events"]
    assert events[0]["what"] == "依法删除了其中一处的信息"
    files = b"".join(one.read_bytes() for one in instance.glob("linju.gpkg*"))
    assert PHONE.encode() not in files


def test_a_plan_is_erased_by_a_command(worker, app_with_streets, instance):
    plan = saved(worker, name=f"{NAME}跑水", notes=PHONE)
    other = saved(worker, name="别的")
    changed(worker, plan, notes=f"{PHONE}打不通")
    runner = app_with_streets.test_cli_runner()
    asked_why = runner.invoke(args=("plans", "erase", plan["id"], "--yes"))
    assert asked_why.exit_code == 2
    words = ("plans", "erase", plan["id"], "--why", "住户要求")
    refused = runner.invoke(args=words, input="n\n")
    assert f"{NAME}跑水：预案" in refused.output
    assert got(worker, plan)["name"] == plan["name"]

    done = runner.invoke(args=words, input="y\n")

    assert done.exit_code == 0, done.output
    assert worker.get(f"/api/plans/{plan['id']}").status_code == 404
    assert got(worker, other)["name"] == "别的"
    files = b"".join(one.read_bytes() for one in instance.glob("linju.gpkg*"))
    assert PHONE.encode() not in files
    assert NAME.encode() not in files
    again = runner.invoke(args=(*words, "--yes"))
    assert again.exit_code == 1
    assert "Traceback" not in again.output
