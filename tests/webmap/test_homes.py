"""Buildings by their name: where they stand, never who lives in them."""


def homes(client, text):
    answer = client.get("/api/homes", query_string={"q": text})
    assert answer.status_code == 200
    return answer.json["homes"]


def test_a_piece_of_the_name_finds_buildings(client):
    found = homes(client, "泉园二路")

    assert 1 <= len(found) <= 8
    assert all("泉园二路" in home["name"] for home in found)


def test_nothing_is_told_of_who_lives_there(client):
    assert all(set(home) == {"id", "name", "lon", "lat"} for home in homes(client, "号楼"))


def test_one_letter_or_an_unknown_name_finds_nothing(client):
    assert homes(client, "泉") == []
    assert homes(client, "没有这个楼") == []


def test_a_nul_ends_no_pattern(client):
    answer = client.get("/api/homes", query_string={"q": "\0\0"})

    assert answer.status_code == 422


def test_signs_of_patterns_mean_themselves(client):
    assert homes(client, "%%") == []
    assert homes(client, "__") == []
