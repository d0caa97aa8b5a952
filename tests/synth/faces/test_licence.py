import pytest

from synth.faces.font_tables import is_known, short_licence


@pytest.mark.parametrize(
    ("licence", "url", "notice", "short"),
    [
        ("under the SIL Open Font License, Version 1.1.", "", "", "OFL-1.1"),
        ("", "https://scripts.sil.org/OFL", "", "OFL-1.1"),
        ("", "https://openfontlicense.org", "", "OFL-1.1"),
        ("", "", "OFL.", "OFL-1.1"),
        ("Licensed under the Apache License, Version 2.0", "", "", "Apache-2.0"),
        ("", "http://www.apache.org/licenses/LICENSE-2.0", "", "Apache-2.0"),
        ("GNU General Public License with font exception", "", "", "GPL"),
        ("LGPL", "", "", "LGPL"),
        ("", "", "IPA Font License Agreement v1.0", "IPA"),
        ("", "", "(c) 2003 by Bitstream. Bitstream Vera is a trademark", "Bitstream Vera"),
        ("under the Liberation Fonts license, see", "", "", "Liberation"),
        ("Caviar Dreams may be used personally or commercially", "", "", "unknown"),
        ("", "", "", "unknown"),
        ("a profligate licence", "", "", "unknown"),  # holds "ofl"
    ],
)  # fmt: skip
def test_the_name_table_names_its_licence(licence: str, url: str, notice: str, short: str) -> None:
    assert short_licence(licence, url, notice) == short


def test_the_licence_text_goes_before_the_copyright() -> None:
    notice = "Bitstream Vera derivative"
    assert short_licence("SIL Open Font License", "", notice) == "OFL-1.1"


def test_unknown_and_empty_are_not_known() -> None:
    assert [is_known(name) for name in ("", "unknown", "OFL-1.1")] == [False, False, True]
