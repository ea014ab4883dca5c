"""What is said of very many rows column by column is what is said of each of them alone."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.credit_ratings import release_columns
from app.domain.credit_ratings.release_rows import Checker, as_line
from tests.factories.accounts import id_number, uscc_number

CHECKER = Checker(2025)
ROWS = st.tuples(
    st.sampled_from([*map(uscc_number, range(1, 5)), "440106MA5DEMQ01", id_number() + "01", "9144", ""]),
    st.sampled_from(["广州晨光", "甲\\乙", "丙\n丁", "", "名" * 200, "名" * 201]),
    st.sampled_from(["2025", "2024", ""]),
    st.sampled_from(["A", "B", "D", "M", "E"]),
    st.sampled_from(["95.5", "80", "", "1e2", "100.01"]),
    st.sampled_from(["100", "93", "", "95"]),
    st.sampled_from(["天河区税务局", "", "税" * 81, "税\t局"]),
)


@given(st.lists(ROWS, min_size=1, max_size=12))
def test_columns_and_rows_are_judged_alike(rows: list[tuple[str, ...]]) -> None:
    sifted = release_columns.sift(
        [list(one) for one in zip(*rows, strict=True)], range(2, len(rows) + 2), CHECKER
    )
    right = [at for at in range(len(rows)) if at not in sifted.doubtful]
    lines = [as_line(CHECKER.rating(rows[at]), at + 2) for at in right]
    assert sifted.lines == "".join(lines)
    # A number of an older form is right as well, but not at first sight.
    refused = {at for at, row in enumerate(rows) if isinstance(CHECKER.checked(row), str)}
    assert refused <= set(sifted.doubtful)
    assert all(len(rows[at][0]) != 18 for at in set(sifted.doubtful) - refused)
