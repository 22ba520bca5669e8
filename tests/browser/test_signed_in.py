"""Somebody who is signed in is known to the page."""


def test_who_is_signed_in_is_told_to_the_page(desk):
    desk.sign_in("worker")
    page = desk.open("/matrix")
    told = page.evaluate("fetch('/session').then((answer) => answer.json())")
    assert (told["role"], told["scope"]) == ("worker", "210103006")
