package nexmark

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panel is one of the four drawings: queries whose cost has the same reasons to grow.
type panel struct {
	title   string
	queries []string
}

var panels = [4]panel{
	{"rows in, rows out", []string{"q0", "q1", "q2", "q10", "q14", "q21", "q22"}},
	{"windows: state is freed behind the watermark", []string{"q5", "q7", "q8", "q11", "q12"}},
	{"joins and the best of each group", []string{"q3", "q4", "q6", "q9", "q13", "q18", "q19", "q20"}},
	{"groups without end", []string{"q15", "q16", "q17"}},
}

// Goal is how many events a second a query is to reach on one core.
func Goal(query string) float64 {
	switch query {
	case "q0", "q1", "q2":
		return 2e6
	case "q3", "q8":
		return 1.5e6
	case "q5":
		return 1e6
	case "q7":
		return 800e3
	case "q4":
		return 300e3
	case "q9":
		return 200e3
	}
	return 100e3
}

// Sizes of the drawing.
const (
	plotWidth, plotHeight = 32 * vg.Centimeter, 22 * vg.Centimeter
	goalWidth             = vg.Length(0.75)
	goalRoom              = 0.3 // part of the range of events
)

// Point is one figure of a plot.
type Point struct {
	Query       string
	Events      int
	SinceMicros float64 // processor time an event since the point before
}

// Plot draws what the events since the result before cost against history: events a second of
// processor time, a line for each query, in a file whose name says the format (.svg, .png, .pdf).
func Plot(points []Point, file string) (err error) {
	format := strings.TrimPrefix(filepath.Ext(file), ".")
	canvas, err := draw.NewFormattedCanvas(plotWidth, plotHeight, format)
	if err != nil {
		return err
	}
	tiles := draw.Tiles{
		Rows: 2, Cols: 2, PadX: vg.Centimeter, PadY: vg.Centimeter,
		PadTop: vg.Millimeter, PadBottom: vg.Millimeter, PadLeft: vg.Millimeter,
		PadRight: vg.Millimeter,
	}
	whole := draw.New(canvas)
	whole.SetColor(color.White)
	whole.Fill(whole.Rectangle.Path())
	for i, pan := range panels {
		p, err := pan.plot(points)
		if err != nil {
			return err
		}
		p.Draw(tiles.At(whole, i%2, i/2))
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err = canvas.WriteTo(f); err != nil {
		_ = f.Close() // the first error tells more
		return err
	}
	return f.Close()
}

// plot draws the queries of one panel, and the goals of those as dashed lines.
func (pan panel) plot(all []Point) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = pan.title
	p.X.Label.Text, p.Y.Label.Text = "events so far", "events per second of processor time"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	p.Add(plotter.NewGrid())
	goals := map[float64][]string{}
	lo, hi, color := 0.0, 0.0, 0
	for _, name := range pan.queries {
		points := lineOf(all, name)
		if len(points) == 0 {
			continue
		}
		lo, hi = points[0].X, max(hi, points[len(points)-1].X)
		goals[Goal(name)] = append(goals[Goal(name)], name)
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		line.Color, marks.Color = plotutil.Color(color), plotutil.Color(color)
		line.Width, marks.Shape = vg.Points(1.5), plotutil.Shape(color)
		p.Add(line, marks)
		p.Legend.Add(name, line, marks)
		color++
	}
	if color == 0 { // the axes of an empty drawing still need a range
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 1e6, 3e7, 1e5, 1e6
		return p, nil
	}
	if err := addGoals(p, goals, lo, hi); err != nil {
		return nil, err
	}
	p.X.Max *= math.Pow(hi/lo, goalRoom) // room for the names of goals
	p.Y.Min, p.Y.Max = p.Y.Min*0.8, p.Y.Max*1.25
	p.Legend.Top, p.Legend.Padding = true, vg.Points(3)
	return p, nil
}

func lineOf(all []Point, query string) (out plotter.XYs) {
	for _, p := range all {
		if p.Query == query && p.SinceMicros > 0 {
			out = append(out, plotter.XY{X: float64(p.Events), Y: 1e6 / p.SinceMicros})
		}
	}
	return out
}

func addGoals(p *plot.Plot, goals map[float64][]string, lo, hi float64) error {
	var levels []float64
	for level := range goals {
		levels = append(levels, level)
	}
	slices.Sort(levels)
	for _, level := range levels {
		line, err := plotter.NewLine(plotter.XYs{{X: lo, Y: level}, {X: hi, Y: level}})
		if err != nil {
			return err
		}
		line.Color, line.Width = color.Gray{Y: 110}, goalWidth
		line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
		label, err := plotter.NewLabels(plotter.XYLabels{
			XYs:    plotter.XYs{{X: hi * math.Pow(hi/lo, 0.02), Y: level}},
			Labels: []string{fmt.Sprintf("%s: goal %s", strings.Join(goals[level], " "), short(level))},
		})
		if err != nil {
			return err
		}
		label.TextStyle[0].Color = color.Gray{Y: 80}
		label.TextStyle[0].Font.Size = vg.Points(8)
		label.TextStyle[0].YAlign = text.YCenter
		p.Add(line, label)
	}
	return nil
}

// ticks are 1 and 3 of every decade, written short.
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
