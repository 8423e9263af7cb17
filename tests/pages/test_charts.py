from hypothesis import given
from hypothesis import strategies as st

from app.routers.pages import charts

counts = st.integers(0, 100_000)


@given(
    st.lists(st.tuples(st.text(), counts, counts).map(lambda row: (row[0], max(row[1:]), min(row[1:]))), max_size=200)
)
def test_columns_stay_inside_the_chart_and_never_fill_more_than_they_are(rows):
    chart = charts.columns(rows)
    assert len(chart.columns) == len(rows)
    for column, (_, base, over) in zip(chart.columns, rows, strict=True):
        assert (column.base, column.over) == (base, over)
        assert 0 <= column.over_height <= column.base_height <= chart.height
        assert column.x >= -1
        assert column.x + column.width <= charts.WIDTH + 1
    if any(base for _, base, _ in rows):
        assert max(column.base_height for column in chart.columns) == chart.height
    assert len(rows) / chart.every <= 10


@given(st.lists(st.floats(-1, 2), max_size=30))
def test_bars_are_as_long_as_their_part_and_no_longer_than_the_chart(parts):
    bars = charts.bars([("名", "值", part) for part in parts])
    assert all(0 <= bar.length <= charts.WIDTH for bar in bars)
    assert [bar.y for bar in bars] == [charts.ROW * place for place in range(len(parts))]
