package nexmark

import (
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/value"
)

// Segment is a run of events, by relation; a batch without rows is nil.
type Segment struct {
	Persons, Auctions, Bids *batch.Batch
	Events                  int
	// MaxMicros is the latest event time so far.
	MaxMicros int64
}

// Generator makes events in order. It is not safe for concurrent use.
type Generator struct {
	cfg     Config
	event   int64
	max     int64
	offsets [3]int64 // of persons, auctions, bids
	buf     []byte
}

// New returns a generator that starts at the first event.
func New(cfg Config) *Generator { return &Generator{cfg: cfg.withDefaults()} }

// The kinds of events, in the order of a round.
const (
	person = iota
	auction
	bid
)

func kindOf(event int64) int {
	switch at := event % round; {
	case at < personsPerRound:
		return person
	case at < personsPerRound+auctionsPerRound:
		return auction
	}
	return bid
}

// lastPerson is the newest person, counted from 0, when an event happens.
func lastPerson(event int64) int64 { return event / round * personsPerRound }

// lastAuction is the newest auction, counted from 0, when an event happens; -1 for none yet.
func lastAuction(event int64) int64 {
	rounds, at := event/round, event%round
	return rounds*auctionsPerRound + min(max(at-personsPerRound, -1), auctionsPerRound-1)
}

// micros is the time of an event: neighbours within a group may change places.
func (g *Generator) micros(event int64) int64 {
	n := g.cfg.OutOfOrderGroup
	base := event / n * n
	placed := base + (event*953)%n
	return g.cfg.StartMicros + placed*1_000_000/g.cfg.EventsPerSecond
}

// Next makes the next events.
func (g *Generator) Next(events int) Segment {
	var b [3]*batch.Builder
	share := [3]int{events/round + 1, events/16 + 3, events}
	for k, t := range [3][]value.Type{personTypes, auctionTypes, bidTypes} {
		b[k] = batch.NewBuilder(append(append([]value.Type{}, t...), catalog.HiddenTypes[:]...),
			share[k])
	}
	for range events {
		k := kindOf(g.event)
		ts := g.micros(g.event)
		g.max = max(g.max, ts)
		r := random(g.cfg.Seed*0x9E3779B97F4A7C15 + uint64(g.event)*0xD1342543DE82EF95)
		switch k {
		case person:
			g.person(b[k].Cols, &r, ts)
		case auction:
			g.auction(b[k].Cols, &r, ts)
		default:
			g.bid(b[k].Cols, &r, ts)
		}
		hidden := b[k].Cols[len(b[k].Cols)-catalog.NumHidden:]
		hidden[catalog.HiddenOffset].AppendInt(g.offsets[k])
		hidden[catalog.HiddenHeight].AppendInt(1)
		hidden[catalog.HiddenTime].AppendInt(ts)
		hidden[catalog.HiddenProducer].AppendBytes([]byte("nexmark/gen"))
		b[k].Close(1)
		g.offsets[k]++
		g.event++
	}
	out := Segment{Events: events, MaxMicros: g.max}
	for k, at := range [3]**batch.Batch{&out.Persons, &out.Auctions, &out.Bids} {
		if b[k].Len() > 0 {
			*at = b[k].Batch()
		}
	}
	return out
}

// someone draws a person: the hot one, or one of the active.
func (g *Generator) someone(r *random, ratio int64) int64 {
	last := lastPerson(g.event)
	if r.hot(ratio) {
		return firstPerson + last/hotEvery*hotEvery
	}
	people := last + 1
	active := min(people, g.cfg.ActivePeople)
	return firstPerson + people - active + r.below(active+personLead)
}

func (g *Generator) auctionOf(r *random) int64 {
	last := max(lastAuction(g.event), 0)
	if r.hot(g.cfg.HotAuctionRatio) {
		return firstAuction + last/hotEvery*hotEvery
	}
	least := max(last-g.cfg.InFlightAuctions, 0)
	return firstAuction + least + r.below(last-least+1+auctionLead)
}
