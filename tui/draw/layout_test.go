package draw

import "testing"

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		cols, rows, top int
		at              Place
		want            Layout
	}{
		{80, 24, 2, AtFind, Layout{
			Cols: 80, Rows: 24, Top: Rect{0, 0, 80, 2}, Body: Rect{1, 2, 78, 20},
			Foot: Rect{0, 22, 80, 2},
		}},
		{80, 25, 3, AtAlert, Layout{
			Cols: 80, Rows: 25, Top: Rect{0, 0, 80, 3}, Body: Rect{1, 3, 78, 20},
			Foot: Rect{0, 23, 80, 2},
		}},
		{60, 20, 2, AtResults, Layout{
			Cols: 60, Rows: 20, Top: Rect{0, 0, 60, 2}, Body: Rect{1, 2, 58, 16},
			Foot: Rect{0, 18, 60, 2},
		}},
		{120, 40, 2, Nowhere, Layout{
			Cols: 120, Rows: 40, Wide: true, Top: Rect{0, 0, 120, 2},
			Body: Rect{1, 2, 118, 36}, Foot: Rect{0, 38, 120, 2},
		}},
		{300, 40, 2, Nowhere, Layout{
			Cols: 300, Rows: 40, Wide: true, Top: Rect{0, 0, 300, 2},
			Body: Rect{1, 2, 158, 36}, Foot: Rect{0, 38, 300, 2},
		}},
		{120, 40, 2, AtFind, Layout{
			Cols: 120, Rows: 40, Wide: true, Top: Rect{0, 0, 120, 2},
			Body: Rect{1, 2, 75, 36}, After: Rect{77, 2, 42, 36}, Foot: Rect{0, 38, 120, 2},
		}},
		{120, 40, 2, AtResults, Layout{
			Cols: 120, Rows: 40, Wide: true, Top: Rect{0, 0, 120, 2},
			Before: Rect{1, 2, 22, 36}, Body: Rect{24, 2, 74, 36}, After: Rect{99, 2, 20, 36},
			Foot: Rect{0, 38, 120, 2},
		}},
		{120, 40, 3, AtPatient, Layout{
			Cols: 120, Rows: 40, Wide: true, Top: Rect{0, 0, 120, 3},
			Before: Rect{1, 3, 28, 35}, Body: Rect{30, 3, 89, 35}, Foot: Rect{0, 38, 120, 2},
		}},
		{59, 24, 2, AtFind, Layout{Cols: 59, Rows: 24, Small: true, Body: Rect{W: 59, H: 24}}},
		{80, 19, 2, AtFind, Layout{Cols: 80, Rows: 19, Small: true, Body: Rect{W: 80, H: 19}}},
		{1, 1, 2, AtFind, Layout{Cols: 1, Rows: 1, Small: true, Body: Rect{W: 1, H: 1}}},
		{0, 0, 2, AtFind, Layout{Small: true}},
	} {
		if got := LayOut(c.cols, c.rows, c.top, c.at); got != c.want {
			t.Errorf("LayOut(%d, %d, %d, %d) = %+v, want %+v", c.cols, c.rows, c.top, c.at, got, c.want)
		}
	}
}

func TestWindowHoldsTheChosenRow(t *testing.T) {
	for _, c := range []struct{ count, chosen, from, h, first, last int }{
		{10, 0, 0, 4, 0, 4},
		{10, 4, 0, 4, 1, 5},
		{10, 9, 0, 4, 6, 10},
		{10, 2, 6, 4, 2, 6},
		{3, 2, 5, 4, 0, 3},
		{0, 0, 0, 4, 0, 0},
		{5, 0, 0, 0, 0, 0},
	} {
		if first, last := Window(c.count, c.chosen, c.from, c.h); first != c.first || last != c.last {
			t.Errorf("Window(%d, %d, %d, %d) = %d, %d, want %d, %d",
				c.count, c.chosen, c.from, c.h, first, last, c.first, c.last)
		}
	}
}
