package nexmark

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// Plot draws events a second against events, a line for each query, into a file whose name says
// the format (.svg, .png, .pdf).
func Plot(results []Result, file string) error {
	p := plot.New()
	p.Title.Text = "Nexmark on one core: cost per event against history"
	p.X.Label.Text, p.Y.Label.Text = "events", "events a second"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	p.Legend.Top = false
	p.Add(plotter.NewGrid())
	var names []string
	points := map[string]plotter.XYs{}
	for _, r := range results {
		if points[r.Query] == nil {
			names = append(names, r.Query)
		}
		points[r.Query] = append(points[r.Query],
			plotter.XY{X: float64(r.Events), Y: r.PerSecond()})
	}
	for i, name := range names {
		line, marks, err := plotter.NewLinePoints(points[name])
		if err != nil {
			return err
		}
		line.Color, marks.Color = plotutil.Color(i), plotutil.Color(i)
		line.Dashes, marks.Shape = plotutil.Dashes(i/7), plotutil.Shape(i)
		p.Add(line, marks)
		p.Legend.Add(name, line, marks)
	}
	return p.Save(24*vg.Centimeter, 16*vg.Centimeter, file)
}

// ticks are 1, 3 and 10 of every decade, written short.
type ticks struct{}

// Ticks implements plot.Ticker.
func (ticks) Ticks(lo, hi float64) (out []plot.Tick) {
	for decade := 1.0; decade <= hi; decade *= 10 {
		for _, v := range []float64{decade, 3 * decade} {
			if v >= lo*0.99 && v <= hi*1.01 {
				out = append(out, plot.Tick{Value: v, Label: short(v)})
			}
		}
	}
	return out
}

func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%gM", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%gk", v/1e3)
	}
	return fmt.Sprintf("%g", v)
}
