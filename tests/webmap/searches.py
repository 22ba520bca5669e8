"""What a search for where the next merchants would help has found."""

AREA = "210103006012"
HOME = {"id": "H1", "name": "一号楼", "at": [123.47, 41.77], "people": 90}
ANSWER = {
    "places": [
        {"rank": 1, "at": [123.47, 41.775], "near": "<b>一号楼</b>", "given": None}
        | {"gained": 1200, "saved_min": 1.25, "served": 1300},
        {"rank": 2, "at": [123.472, 41.776], "near": "", "given": None}
        | {"gained": 0, "saved_min": 0.5, "served": 80},
    ],
    "homes": [HOME | {"before": None, "after": 4.0, "rank": 1}],
    "before": {"people": 3000, "near": 1000, "share": 1 / 3, "mean_min": 9.0, "beyond": 50},
    "after": {"people": 3000, "near": 2200, "share": 0.7333, "mean_min": 7.25, "beyond": 20},
    "gap": 0.0123,
    "proven": False,
    "places_tried": 420,
    "spacing_m": 59.5,
    "off_network": 3,
    "unknown": 0,
}
