package nexmark

// Config shapes the load. The zero value of a field means the reference's default.
type Config struct {
	Seed uint64
	// EventsPerSecond is the rate in event time.
	EventsPerSecond int64 // 10,000
	// StartMicros is the time of the first event, since 1970-01-01.
	StartMicros int64 // 2015-07-15 00:00:00

	HotAuctionRatio  int64 // a bid goes to the hot auction with probability 1 - 1/ratio: 2
	HotBidderRatio   int64 // and comes from the hot bidder likewise: 4
	HotSellerRatio   int64 // an auction is of the hot seller likewise: 4
	InFlightAuctions int64 // cold bids go to this many recent auctions: 100
	ActivePeople     int64 // cold bidders and sellers are this many recent people: 1,000

	PersonBytes, AuctionBytes, BidBytes int // average sizes of a row: 200, 500, 100
	// OutOfOrderGroup is how many neighbouring events may change places in event time: 1.
	OutOfOrderGroup int64
}

func (c Config) withDefaults() Config {
	orInt := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	orInt(&c.EventsPerSecond, 10_000)
	orInt(&c.StartMicros, 1_436_918_400_000_000)
	orInt(&c.HotAuctionRatio, 2)
	orInt(&c.HotBidderRatio, 4)
	orInt(&c.HotSellerRatio, 4)
	orInt(&c.InFlightAuctions, 100)
	orInt(&c.ActivePeople, 1_000)
	orInt(&c.OutOfOrderGroup, 1)
	for p, v := range map[*int]int{&c.PersonBytes: 200, &c.AuctionBytes: 500, &c.BidBytes: 100} {
		if *p == 0 {
			*p = v
		}
	}
	return c
}

// Constants of the reference generator.
const (
	personsPerRound  = 1
	auctionsPerRound = 3
	round            = 50 // events; the rest are bids

	firstPerson, firstAuction, firstCategory = 1000, 1000, 10

	categories  = 5
	hotEvery    = 100 // the hot person or auction is the first of each hundred
	personLead  = 10  // ids ahead of the newest that are used already
	auctionLead = 10
	channels    = 10_000
)
