"""The basemap's file in pieces, and the map that asks for it."""

import re

import pytest


@pytest.fixture
def address(walker):
    found = re.search(r"/ground/[\w-]+\.pmtiles", walker.get("/map.js").text)
    assert found
    return found.group()


def test_a_piece_of_the_file_is_given(walker, address):
    with walker.get(address, headers={"Range": "bytes=0-6"}) as answer:
        data = answer.data

    assert answer.status_code == 206
    assert data == b"PMTiles"
    assert answer.headers["Content-Range"].startswith("bytes 0-6/")
    assert "Content-Encoding" not in answer.headers


def test_a_version_is_kept_for_ever(walker, address):
    with walker.get(address) as answer:
        control = answer.headers["Cache-Control"]

    assert "immutable" in control
    assert "max-age=31536000" in control


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e%2fin-use"])
def test_other_files_are_not_given(walker, name):
    assert walker.get(f"/ground/{name}.pmtiles").status_code == 404


def test_the_page_loads_what_draws_the_ground(walker):
    assert "protomaps-leaflet.js" in walker.get("/").text


def test_without_streets_the_ground_is_paper_and_the_page_says_how_to_add_them(client):
    page, script = client.get("/").text, client.get("/map.js").text

    assert "protomaps" not in page
    assert "streetGround" not in script
    assert '"nearest": ""' in script
    assert "roads build" in page


def test_the_demonstrations_streets_say_that_they_are_drawn(walker):
    assert walker.get("/map.js?lang=en").text.count("Streets drawn for the demonstration") == 1
