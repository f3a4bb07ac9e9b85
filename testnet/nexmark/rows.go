package nexmark

import (
	"fmt"
	"strconv"

	"weir/stream/value"
)

// Column types in the order of schema.sql.
var (
	personTypes = []value.Type{
		value.Of(value.Int8), value.Of(value.Text), value.Of(value.Text), value.Of(value.Text),
		value.Of(value.Text), value.Of(value.Text), value.Of(value.Timestamp),
		value.Of(value.Text),
	}
	auctionTypes = []value.Type{
		value.Of(value.Int8), value.Of(value.Text), value.Of(value.Text), value.Of(value.Int8),
		value.Of(value.Int8), value.Of(value.Timestamp), value.Of(value.Timestamp),
		value.Of(value.Int8), value.Of(value.Int8), value.Of(value.Text),
	}
	bidTypes = []value.Type{
		value.Of(value.Int8), value.Of(value.Int8), value.Of(value.Int8), value.Of(value.Text),
		value.Of(value.Text), value.Of(value.Timestamp), value.Of(value.Text),
	}
)

var (
	firstNames = []string{
		"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter",
		"Walter",
	}
	lastNames = []string{
		"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris",
	}
	cities = []string{
		"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond",
		"Seattle", "Kent", "Cheyenne",
	}
	states      = []string{"AZ", "CA", "ID", "OR", "WA", "WY"}
	hotChannels = []string{"Google", "Facebook", "Baidu", "Apple"}
)

func choose(r *random, list []string) string { return list[r.below(int64(len(list)))] }

// row appends the fields of one row, column by column.
type row struct {
	cols []*value.Vec
	at   int
	size int // bytes so far, as the reference counts them
}

func (w *row) int(x int64) {
	w.cols[w.at].AppendInt(x)
	w.at, w.size = w.at+1, w.size+8
}

func (w *row) text(b []byte) {
	w.cols[w.at].AppendBytes(b)
	w.at, w.size = w.at+1, w.size+len(b)
}

// extra fills a row up to about its average size.
func (g *Generator) extra(w *row, r *random, average int) {
	g.buf = r.letters(g.buf[:0], r.around(average-w.size))
	w.text(g.buf)
}

func (g *Generator) person(cols []*value.Vec, r *random, ts int64) {
	w := &row{cols: cols}
	w.int(firstPerson + lastPerson(g.event))
	g.buf = append(append(append(g.buf[:0], choose(r, firstNames)...), ' '),
		choose(r, lastNames)...)
	w.text(g.buf)
	g.buf = append(r.letters(g.buf[:0], 7), '@')
	w.text(append(r.letters(g.buf, 5), ".com"...))
	g.buf = g.buf[:0]
	for i := range 4 {
		if i > 0 {
			g.buf = append(g.buf, ' ')
		}
		g.buf = fmt.Appendf(g.buf, "%04d", r.below(10_000))
	}
	w.text(g.buf)
	w.text([]byte(choose(r, cities)))
	w.text([]byte(choose(r, states)))
	w.int(ts)
	g.extra(w, r, g.cfg.PersonBytes)
}

func (g *Generator) auction(cols []*value.Vec, r *random, ts int64) {
	w := &row{cols: cols}
	w.int(firstAuction + lastAuction(g.event))
	g.buf = r.letters(g.buf[:0], r.around(20))
	w.text(g.buf)
	g.buf = r.letters(g.buf[:0], r.around(100))
	w.text(g.buf)
	initial := r.price()
	w.int(initial)
	w.int(initial + r.price())
	w.int(ts)
	w.int(ts + 1 + r.below(max(2*g.horizon(), 1)))
	w.int(g.someone(r, g.cfg.HotSellerRatio))
	w.int(firstCategory + r.below(categories))
	g.extra(w, r, g.cfg.AuctionBytes)
}

// horizon is the time in which as many auctions begin as are in flight.
func (g *Generator) horizon() int64 {
	events := g.cfg.InFlightAuctions * round / auctionsPerRound
	return events * 1_000_000 / g.cfg.EventsPerSecond
}

func (g *Generator) bid(cols []*value.Vec, r *random, ts int64) {
	w := &row{cols: cols}
	w.int(g.auctionOf(r))
	w.int(g.someone(r, g.cfg.HotBidderRatio))
	w.int(r.price())
	if r.hot(2) {
		w.text([]byte(choose(r, hotChannels)))
		w.text(g.url(r))
	} else {
		n := r.below(channels)
		w.text(strconv.AppendInt(append(g.buf[:0], "channel-"...), n, 10))
		url := g.url(r)
		if r.hot(10) {
			url = append(url, "&channel_id="...)
			url = strconv.AppendInt(url, n*2_147_483_629%2_147_483_647, 10)
		}
		w.text(url)
	}
	w.int(ts)
	g.extra(w, r, g.cfg.BidBytes)
}

// url has three directories of five letters.
func (g *Generator) url(r *random) []byte {
	g.buf = append(g.buf[:0], "https://www.nexmark.com/"...)
	for range 3 {
		g.buf = append(r.letters(g.buf, 5), '/')
	}
	g.buf = append(g.buf, "item.htm?query=1"...)
	return g.buf
}
