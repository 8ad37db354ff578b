"""Arrays written by us are read by PostgreSQL as what they were."""

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yinuo.core import clock
from yinuo.core.arrays import array

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=st.lists(st.none() | texts | st.sampled_from(["NULL", "null", "", "{}", '"', "\\"])))
def test_texts_come_back_as_they_were(session, values):
    found = session.execute(sa.text("SELECT CAST(:a AS text[])"), {"a": array(values)}).scalar_one()
    assert found == values


def test_numbers_booleans_and_times_come_back_as_they_were(session):
    now = clock.now()
    row = session.execute(
        sa.text(
            "SELECT CAST(:n AS bigint[]) AS n, CAST(:b AS boolean[]) AS b,"
            " CAST(:t AS timestamptz[]) AS times"
        ),
        {"n": array([1, -(2**62), None]), "b": array([True, False]), "t": array([now, None])},
    ).one()
    assert (row.n, row.b, row.times) == ([1, -(2**62), None], [True, False], [now, None])
