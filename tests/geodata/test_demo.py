"""The demonstration hangs together: shops have streets, homes have grids, phones have nobody."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import phonenumbers
import pytest
import shapely
from pandas.testing import assert_frame_equal
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import Point

from geodata import divisions, hours, ids
from geodata.demo import CENTRE, DEMO_COMMUNITY, Neighbourhood, Plan, neighbourhood, scattered

METRES = "EPSG:32651"  # UTM 51N, in which the district lies; the demonstration draws in another
MATRIX = {"repair": 51, "shopping": 21, "barber": 12, "clinic": 9}
FACILITIES = {"centre": 1, "canteen": 2, "care": 2, "shelter": 3, "aed": 3}
LEVELS = ("street", "community", "grid")


@pytest.fixture(scope="module")
def demo() -> Neighbourhood:
    return neighbourhood()


@pytest.fixture(scope="module")
def plan(demo: Neighbourhood) -> Plan:
    return demo.plan


def level(demo: Neighbourhood, name: str) -> gpd.GeoDataFrame:
    return demo.areas[demo.areas.level == name].set_index("code")


def tables(demo: Neighbourhood) -> dict[str, gpd.GeoDataFrame]:
    plan = {name: getattr(demo.plan, name) for name in Plan.__slots__}
    return {"areas": demo.areas, "homes": demo.homes, "merchants": demo.merchants, **plan}


class TestTheSeed:
    def test_the_same_seed_gives_the_same_tables(self, demo):
        again = tables(neighbourhood())

        for name, table in tables(demo).items():
            assert_frame_equal(pd.DataFrame(table), pd.DataFrame(again[name]), obj=name)
            assert table.geometry.to_wkb().tolist() == again[name].geometry.to_wkb().tolist()

    @pytest.mark.parametrize("seed", [1, 2])
    def test_another_seed_gives_another_district_that_is_as_whole(self, seed, demo):
        other = neighbourhood(seed)

        assert not set(other.merchants.id) & set(demo.merchants.id)
        assert other.merchants.category.value_counts().to_dict() == MATRIX | FACILITIES
        assert set(other.homes["area"]) <= set(other.areas.code)

    def test_links_to_the_service_centre_stay_valid(self, demo):
        centre = demo.merchants.set_index("name").loc["泉富社区党群服务中心"]

        assert centre.id == "FRAV14JVJK"

    def test_no_coordinate_has_more_than_seven_decimals(self, demo):
        for table in tables(demo).values():
            xy = shapely.get_coordinates(table.geometry.to_numpy())
            assert (np.round(xy, 7) == xy).all()
            assert table.crs == 4326


class TestAreas:
    def test_the_tree_is_the_official_one_down_to_the_communities(self, demo, shared_data):
        official = pd.read_csv(shared_data / "divisions" / "210103_communities.csv", dtype=str)
        own = official[official.streetCode == "210103006"].set_index("code").name

        assert level(demo, "community").name.to_dict() == own.to_dict()
        assert level(demo, "street").name.to_dict() == {"210103006000": "万莲街道"}
        assert level(demo, "district").name.to_dict() == {"210103000000": "沈河区"}

    def test_every_code_is_well_formed_and_under_its_parent(self, demo):
        for area in demo.areas.itertuples():
            assert divisions.normalise(area.code) == area.code
            assert (divisions.level(area.code), divisions.parent(area.code)) == (
                area.level,
                area.parent,
            )

    def test_every_community_has_three_to_six_grids(self, demo):
        assert level(demo, "grid").groupby("parent").size().between(3, 6).all()
        assert level(demo, "grid").parent.nunique() == 9

    @pytest.mark.parametrize("name", LEVELS)
    def test_neighbours_share_their_border_to_the_last_vertex(self, name, demo):
        shapes = level(demo, name).geometry

        assert shapes.is_valid.all()
        assert shapely.coverage_is_valid(shapes.to_numpy())

    @pytest.mark.parametrize("upper, lower", [*itertools.pairwise(LEVELS)])
    def test_the_children_are_the_parent(self, upper, lower, demo):
        children = level(demo, lower).groupby("parent").geometry
        for code, shape in level(demo, upper).geometry.items():
            whole = shapely.coverage_union_all(children.get_group(code).to_numpy())
            assert whole.equals(shape)

    @pytest.mark.parametrize("name", LEVELS)
    def test_every_area_is_in_one_piece_without_a_hole(self, name, demo):
        for shape in level(demo, name).geometry:
            assert [len(part.interiors) for part in shape.geoms] == [0]

    def test_communities_are_made_of_whole_blocks(self, demo, plan):
        communities = shapely.STRtree(level(demo, "community").geometry.to_numpy())
        blocks = plan.blocks.to_crs(METRES).buffer(-1).to_crs(4326).to_numpy()

        cut = communities.query(blocks, predicate="overlaps")
        assert cut.size == 0

    def test_the_district_holds_all(self, demo, plan):
        district = level(demo, "district").geometry.iloc[0]

        assert district.contains(level(demo, "street").geometry.iloc[0])
        assert plan.blocks.within(district).all()

    def test_residents_add_up(self, demo):
        people = demo.areas.set_index("code").residents

        for code, own in demo.areas.groupby("parent").residents.sum().drop("210100000000").items():
            assert own == people[code]
        assert people["210103000000"] == demo.homes.residents.sum()

    def test_the_centre_is_in_the_community_that_is_shown(self, demo):
        assert level(demo, "community").geometry[DEMO_COMMUNITY].contains(Point(CENTRE))


class TestHomes:
    def test_there_are_as_many_as_a_street_office_knows(self, demo):
        assert 400 <= len(demo.homes) <= 600
        assert demo.homes.households.between(18, 120).all()
        assert (demo.homes.residents > demo.homes.households).all()
        assert (demo.homes.elders_alone < demo.homes.households).all()

    def test_each_is_a_house_of_its_own_in_its_grid(self, demo, plan):
        houses = plan.buildings[plan.buildings.kind == "home"].geometry.to_numpy()
        found = shapely.STRtree(houses).query(demo.homes.geometry.to_numpy(), predicate="within")
        grids = level(demo, "grid").geometry

        assert sorted(found[0]) == list(range(len(demo.homes)))
        assert len(set(found[1])) == len(demo.homes)
        assert demo.homes.within(gpd.GeoSeries(grids[demo.homes["area"]].array, crs=4326)).all()

    def test_names_and_ids_are_distinct(self, demo):
        assert demo.homes.id.is_unique
        assert demo.homes.name.is_unique
        assert demo.homes.name.str.fullmatch(r".+[路街]\d+号\d+号楼").all()


class TestMerchants:
    def test_they_are_as_many_as_in_the_real_matrix(self, demo):
        assert demo.merchants.category.value_counts().to_dict() == MATRIX | FACILITIES

    def test_each_is_in_the_one_grid_it_names(self, demo):
        grids = level(demo, "grid")
        found = grids.sindex.query(demo.merchants.geometry, predicate="within")

        assert found[0].tolist() == list(range(len(demo.merchants)))
        assert grids.index[found[1]].tolist() == demo.merchants["area"].tolist()

    def test_no_two_hide_one_another(self, demo):
        tree = shapely.STRtree(demo.merchants.to_crs(METRES).geometry.to_numpy())
        near = tree.query(tree.geometries, predicate="dwithin", distance=14)

        assert (near[0] == near[1]).all()

    def test_shops_stand_in_the_shop_buildings_of_the_street_they_name(self, demo, plan):
        shops = plan.buildings[plan.buildings.kind == "shop"]
        within = demo.merchants[demo.merchants.category != "shelter"]
        found = shops.sindex.query(within.geometry, predicate="within")

        assert found[0].tolist() == list(range(len(within)))
        streets = within.address.str.extract(r"^沈河区(.+?)\d+号$")[0]
        assert streets.tolist() == shops.street.iloc[found[1]].tolist()

    def test_house_numbers_grow_along_a_street_with_odd_and_even_sides(self, demo, plan):
        own = demo.merchants[demo.merchants.address.str.startswith("沈河区泉园二路")]
        course = plan.streets[plan.streets.name == "泉园二路"].to_crs(METRES).geometry.iloc[0]
        number = own.address.str.extract(r"(\d+)号")[0].astype(int)
        along = own.to_crs(METRES).geometry.map(course.project)
        for parity in (0, 1):
            side = (number % 2 == parity).to_numpy()
            assert side.any()
            assert number[side].rank().corr(along[side].rank()) > 0.99

    def test_nobody_can_be_called(self, demo):
        phones = demo.merchants.phones.str.split(";").explode()
        phones = phones[phones != ""]

        assert len(phones) > 60
        for phone in phones:
            assert not phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN"))

    def test_all_hours_can_be_read(self, demo):
        texts = set(demo.merchants.hours) - {""}

        assert len(texts) > 20
        for text in texts:
            hours.check(text)

    def test_names_and_ids_are_distinct(self, demo):
        assert demo.merchants.name.is_unique
        assert demo.merchants.id.is_unique
        assert all(set(key) <= set(ids.ALPHABET) and len(key) == 10 for key in demo.merchants.id)

    def test_the_closed_ones_are_closed_until_further_notice(self, demo):
        closed = demo.merchants[demo.merchants.status != "published"]

        assert closed[["status", "closed_until"]].to_numpy().tolist() == [["closed", ""]] * 2
        assert (closed.note != "").all()

    def test_the_source_position_is_the_position(self, demo):
        assert (demo.merchants.geometry.x == demo.merchants.source_lon).all()
        assert (demo.merchants.geometry.y == demo.merchants.source_lat).all()
        assert set(demo.merchants.source_datum) == {"wgs84"}

    def test_the_table_has_the_columns_that_stores_keep(self, demo):
        assert demo.merchants.columns.tolist() == [
            *("id", "name", "category", "source_datum", "source_lon", "source_lat", "address"),
            *("phones", "hours", "note", "area", "status", "closed_until", "owner", "version"),
            *("revision", "created", "changed", "geometry"),
        ]


class TestPlan:
    def test_it_is_about_three_kilometres_wide(self, plan):
        west, south, east, north = plan.blocks.to_crs(METRES).total_bounds

        assert 2700 < east - west < 3300
        assert 2700 < north - south < 3300

    def test_blocks_are_superblocks_not_a_chessboard(self, plan):
        blocks = plan.blocks[plan.blocks.kind == "home"].to_crs(METRES)

        assert 80_000 < blocks.area.median() < 202_500
        assert blocks.area.std() > 0.25 * blocks.area.mean()

    def test_the_river_is_crossed_by_two_bridges_only(self, plan):
        river = plan.water[plan.water.kind == "river"].geometry.iloc[0]
        over = plan.streets[plan.streets.intersects(river)]

        assert sorted(over.name) == ["万柳塘路", "南塔街"]
        assert over.bridge.all()
        assert plan.streets.bridge.sum() == 2

    def test_the_railway_is_crossed_by_one_underpass_only(self, plan):
        under = plan.streets[plan.streets.intersects(plan.rail.geometry.iloc[0])]

        assert under.name.tolist() == ["文萃路"]
        assert under.tunnel.all()
        assert plan.streets.tunnel.sum() == 1

    def test_every_way_can_be_reached_from_every_other(self, plan):
        lines = plan.streets.geometry.to_numpy()
        xy, line = shapely.get_coordinates(lines, return_index=True)
        nodes, node = np.unique(xy, axis=0, return_inverse=True)
        on = line[:-1] == line[1:]
        edges = node[:-1][on], node[1:][on]
        graph = coo_array((np.ones(on.sum()), edges), shape=(len(nodes), len(nodes)))

        assert connected_components(graph, directed=False)[0] == 1

    def test_without_its_bridges_and_underpass_the_district_falls_apart(self, plan):
        dry = plan.streets[~(plan.streets.bridge | plan.streets.tunnel)]
        whole = shapely.get_parts(dry.to_crs(METRES).buffer(0.5).union_all())

        assert len([part for part in whole if part.area > 1000]) == 3

    def test_every_kind_of_way_is_there(self, plan):
        kinds = {"arterial", "secondary", "street", "alley", "drive", "footway"}

        assert set(plan.streets.kind) == kinds
        assert plan.streets[plan.streets.oneway].name.nunique() >= 3
        assert (plan.streets.name[plan.streets.kind.isin(["arterial", "secondary"])] != "").all()

    def test_every_yard_with_houses_has_a_wall_and_one_main_gate(self, plan):
        yards = set(plan.buildings.part[plan.buildings.kind != "shop"])
        main = plan.gates.part[plan.gates.main]

        assert main.is_unique
        assert yards <= set(main)
        assert yards <= set(plan.walls.part)

    def test_gates_stand_in_the_gap_of_the_wall_and_on_a_way(self, plan):
        gates = plan.gates.to_crs(METRES)
        walls = shapely.union_all(plan.walls.to_crs(METRES).geometry.to_numpy())
        ways = shapely.union_all(plan.streets.to_crs(METRES).geometry.to_numpy())

        assert gates.distance(ways).max() < 0.1
        assert gates.distance(walls).min() > 3

    def test_no_building_stands_in_another_or_in_the_river(self, plan):
        houses = plan.buildings.to_crs(METRES).geometry.to_numpy()
        tree = shapely.STRtree(houses)

        left, right = tree.query(houses, predicate="intersects")
        assert (left == right).all()
        water = shapely.union_all(plan.water.to_crs(METRES).geometry.to_numpy())
        assert tree.query(water, predicate="intersects").size == 0

    def test_no_house_stands_on_a_street(self, plan):
        houses = shapely.STRtree(plan.buildings.to_crs(METRES).geometry.to_numpy())
        streets = plan.streets.to_crs(METRES).geometry.to_numpy()

        assert houses.query(streets, predicate="intersects").size == 0

    def test_there_is_green(self, plan):
        assert set(plan.parks.kind) == {"park", "green", "pitch"}
        assert (plan.parks.kind == "park").sum() == 3


class TestScattered:
    def test_a_city_of_merchants_is_clumped_mixed_and_named_apart(self):
        city = scattered(20_000)
        west, south, east, north = city.to_crs(METRES).total_bounds
        xy = city.to_crs(METRES).geometry
        cells = pd.Series(list(zip(xy.x // 1000, xy.y // 1000, strict=True))).value_counts()

        assert len(city) == 20_000
        assert city.id.is_unique
        assert max(east - west, north - south) < 31_000
        assert cells.iloc[:90].sum() > 0.4 * len(city)  # a tenth of the ground
        assert 150 < city.hours.nunique() < 250
        assert set(city.category) == {*MATRIX, *FACILITIES} - {"centre"}

    def test_the_columns_are_those_of_the_demonstration(self, demo):
        assert scattered(3).columns.tolist() == demo.merchants.columns.tolist()

    def test_the_seed_decides(self):
        assert_frame_equal(scattered(50, 1), scattered(50, 1))
        assert scattered(50, 1).id.tolist() != scattered(50, 2).id.tolist()

    def test_none_are_none(self):
        assert scattered(0).empty

    def test_their_phones_are_nobodys_and_their_hours_can_be_read(self):
        city = scattered(500)

        for phone in city.phones:
            assert not phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN"))
        for text in set(city.hours) - {""}:
            hours.check(text)
