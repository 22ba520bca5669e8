"""The graph on the disk, its islands, and closures."""

import numpy as np
import pytest
import shapely

from geodata.errors import Unavailable
from geodata.modes import Mode
from geodata.walking import Graph
from geodata.walking.file import NAMES
from geodata.walking.frames import Frame, Plane
from tests.geodata.walking.town import Town, at


def courtyard():
    town = Town().way((0, 0), (200, 0)).path((100, 0), (100, 50)).wall((0, 20), (300, 20))
    return town.way((150, 20), (150, 40), barrier="fence").node((250, 20), barrier="gate")


def loaded(path):
    """Return how many edges a file has, or what is wrong with it."""
    try:
        return Graph.load(path).edges
    except Unavailable as error:
        return error.code, error.details


class TestFile:
    def test_what_was_saved_is_loaded(self, tmp_path):
        graph = courtyard().graph(tmp_path)
        graph.save(tmp_path / "walking.npz")
        again = Graph.load(tmp_path / "walking.npz")

        for name in NAMES:
            here, there = getattr(graph, name), getattr(again, name)
            assert here.dtype == there.dtype
            if name == "walls":
                assert shapely.equals_exact(here, there, 0).all()
            else:
                np.testing.assert_array_equal(here, there)

    def test_a_graph_without_walls_and_gates_comes_back_too(self, tmp_path):
        Town().way((0, 0), (200, 0)).graph(tmp_path).save(tmp_path / "walking.npz")
        again = Graph.load(tmp_path / "walking.npz")

        assert (len(again.walls), again.gates.shape, again.edges) == (0, (0, 2), 1)

    def test_saving_replaces_and_leaves_nothing_beside(self, tmp_path):
        folder = tmp_path / "roads"
        folder.mkdir()
        courtyard().graph(tmp_path).save(folder / "walking.npz")
        Town().way((0, 0), (200, 0)).graph(tmp_path).save(folder / "walking.npz")

        assert [path.name for path in folder.iterdir()] == ["walking.npz"]
        assert Graph.load(folder / "walking.npz").edges == 1

    def test_when_writing_fails_the_old_file_stays(self, tmp_path, monkeypatch):
        folder = tmp_path / "roads"
        folder.mkdir()
        graph = courtyard().graph(tmp_path)
        graph.save(folder / "walking.npz")

        def full(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(np, "savez", full)
        with pytest.raises(OSError, match="No space"):
            graph.save(folder / "walking.npz")

        assert [path.name for path in folder.iterdir()] == ["walking.npz"]
        assert Graph.load(folder / "walking.npz").edges == graph.edges

    def test_any_damage_is_told(self, tmp_path):
        path = tmp_path / "walking.npz"
        graph = courtyard().graph(tmp_path)
        graph.save(path)
        whole = path.read_bytes()
        places = np.random.default_rng(1).integers(0, len(whole), 40).tolist()
        broken = [whole[: len(whole) // 2], b"", b"PK", b"some other file"]
        broken += [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in places]
        answers = []
        for content in broken:
            path.write_bytes(content)
            answers.append(loaded(path))

        refused = ("streets_unreadable", {"path": str(path)})
        # The few bytes of a zip that mean nothing may change.
        assert all(answer in (refused, graph.edges) for answer in answers)
        assert answers.count(refused) > 30

    def test_a_missing_file_is_told(self, tmp_path):
        with pytest.raises(Unavailable, match="streets_unreadable"):
            Graph.load(tmp_path / "none.npz")

    def test_a_later_format_is_not_guessed_at(self, tmp_path, monkeypatch):
        graph = courtyard().graph(tmp_path)
        monkeypatch.setattr("geodata.walking.file.FORMAT", 2)
        graph.save(tmp_path / "walking.npz")
        monkeypatch.undo()

        with pytest.raises(Unavailable, match="streets_unreadable"):
            Graph.load(tmp_path / "walking.npz")


class TestIslands:
    def test_the_pieces_of_a_network_are_told_apart(self, tmp_path):
        graph = Town().way((0, 0), (500, 0), (500, 500)).way((0, 9000), (90, 9000)).graph(tmp_path)

        assert len(set(graph.components(Mode.FOOT).tolist())) == 2
        assert sorted(graph.lat[graph.largest_component()].round(4).tolist()) == sorted(
            np.unique(at((0, 0), (500, 500))[:, 1]).round(4).tolist()
        )

    def test_a_stray_path_is_nothing_to_be_joined_to(self, tmp_path):
        town = Town().way((0, 0), (5000, 0)).way((0, 900), (1010, 900)).path((0, 400), (40, 400))
        graph = town.graph(tmp_path)

        assert graph.length_m[~graph.joinable(Mode.FOOT)].round().tolist() == [40]

    def test_in_a_small_network_one_per_cent_is_enough(self, tmp_path):
        graph = Town().way((0, 0), (300, 0)).path((0, 400), (40, 400)).graph(tmp_path)

        assert graph.joinable(Mode.FOOT).all()

    def test_a_mode_counts_its_own_streets(self, tmp_path):
        town = Town().way((0, 0), (100, 0)).path((100, 0), (200, 0)).way((200, 0), (300, 0))
        graph = town.graph(tmp_path)

        assert graph.components(Mode.FOOT).tolist() == [0, 0, 0]
        assert sorted(graph.components(Mode.CAR).tolist()) == [-1, 0, 1]
        assert graph.km(Mode.CAR) == pytest.approx(0.2, rel=2e-3)


class TestClosures:
    @pytest.fixture
    def graph(self, tmp_path):
        # Edges in the order of their middles: west, crossing north, crossing south, east.
        return Town().way((0, 0), (200, 0)).way((100, -100), (100, 0), (100, 100)).graph(tmp_path)

    @staticmethod
    def closed(graph, *shapes):
        frame = Frame(*at((0, 0)))
        mask = graph.closed_by([shapely.transform(shape, frame.lonlat) for shape in shapes])
        middles = shapely.get_coordinates(
            shapely.transform(shapely.centroid(graph.lines[mask]), frame.xy)
        )
        return sorted(middles.round(-1).tolist())

    def test_a_polygon_closes_what_it_touches(self, graph):
        # The street here is one edge: no node of another lies on it.
        assert self.closed(graph, shapely.box(150, -10, 160, 10)) == [[100, 0]]

    def test_a_point_closes_the_street_within_five_metres(self, graph):
        assert self.closed(graph, shapely.Point(150, 4.5)) == [[100, 0]]
        assert self.closed(graph, shapely.Point(150, 5.5)) == []

    def test_a_line_across_a_street_closes_it(self, graph):
        assert self.closed(graph, shapely.LineString([(90, 50), (110, 50)])) == [[100, 0]]

    def test_many_closures_add_up_and_nothing_closes_nothing(self, graph):
        none = graph.closed_by([None, shapely.Point()])

        assert none.dtype == np.bool_
        assert not none.any()
        assert not graph.closed_by([]).any()

    def test_a_collection_closes_what_its_parts_close(self, graph):
        both = shapely.GeometryCollection([shapely.Point(150, 4), shapely.box(99, 40, 101, 60)])

        assert len(self.closed(graph, both)) == 2


class TestFrames:
    def test_a_short_way_in_the_plane_is_as_long_as_on_the_ground(self):
        plane = Plane(30.0)
        lonlat = at((0, 0), (300, 400))
        run = np.diff(plane.xy(*lonlat.T), axis=0)[0]

        assert np.linalg.norm(run) * plane.scale(np.array([41.8]))[0] == pytest.approx(500, abs=0.2)

    def test_the_frame_leads_there_and_back(self):
        frame = Frame(123.43, 41.8)
        spots = np.array([[0.0, 0.0], [-5000.0, 700.0]])

        np.testing.assert_allclose(frame.xy(frame.lonlat(spots)), spots, atol=1e-6)
