"""QR codes."""

from lxml import etree

from articles.qr import image

SVG = "{http://www.w3.org/2000/svg}"


def test_a_code_is_a_file_dark_on_light_with_its_quiet_zone() -> None:
    tree = etree.fromstring(image("https://news.example.com/2022/09/29/1/#p12"))
    assert tree.tag == f"{SVG}svg"
    assert tree.get("shape-rendering") == "crispEdges"
    light, dark = [path for path in tree.iter() if str(path.tag).endswith("path")]
    assert light.get("fill") in ("#fff", "#ffffff", "white")
    assert dark.get("stroke") == "#1a1a1a"
    assert dark.get("d", "").startswith("M4 4.5")  # four modules from the edge


def test_another_address_is_another_code() -> None:
    assert image("https://news.example.com/1/") != image("https://news.example.com/2/")
