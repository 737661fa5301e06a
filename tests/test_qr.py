"""QR codes."""

from lxml import etree

from articles.qr import image, svg

SVG = "{http://www.w3.org/2000/svg}"


def test_a_code_is_labelled_dark_on_light_with_its_quiet_zone() -> None:
    drawing = svg("https://news.example.com/2022/09/29/1/", "本文二维码")
    tree = etree.fromstring(drawing)
    assert tree.findtext("title") == "本文二维码" or tree.findtext(f"{SVG}title") == "本文二维码"
    assert tree.get("class") == "qr__code"
    light, dark = [path for path in tree.iter() if str(path.tag).endswith("path")]
    assert light.get("fill") in ("#fff", "#ffffff", "white")
    assert dark.get("stroke") == "#1a1a1a"
    assert dark.get("d", "").startswith("M4 4.5")  # four modules from the edge


def test_a_file_is_a_document_of_its_own() -> None:
    address = "https://news.example.com/2022/09/29/1/#p12"
    tree = etree.fromstring(image(address))
    assert tree.tag == f"{SVG}svg"
    assert (tree.get("class"), tree.find(f"{SVG}title")) == (None, None)
    inline = etree.fromstring(svg(address, "码"))
    assert tree.get("viewBox") == inline.get("viewBox")
    assert [path.get("d") for path in tree] == [path.get("d") for path in inline if path.get("d")]


def test_labels_are_escaped() -> None:
    assert "<script>" not in svg("https://news.example.com/", "<script>")
