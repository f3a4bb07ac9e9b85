// Package waivers has waivers of all kinds, good and bad.
package waivers

import (
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
)

// run stands for work beside the agreed state.
//
//weir:goroutine the channel only wakes up a reader outside the state machine
func run(wake chan int, m map[string]int, msg proto.Message) time.Time {
	//weir:goroutine prefetches pages, which changes no result
	go run(nil, nil, nil)

	/* want `waiver "unordered" gives no reason` */ //weir:unordered short
	for range m {                                   // want `range over a map`
	}

	//weir:unsorted a word that does not exist // want `unknown waiver "unsorted"`
	for range m { // want `range over a map`
	}

	//weir:clock the wrong word for what comes next // want `waiver "clock" waives nothing`
	for range m { // want `range over a map`
	}

	//weir:unordered two lines too early // want `waiver "unordered" waives nothing`

	for range m { // want `range over a map`
	}

	//weir:unordered every entry is dropped
	//weir:clock feeds a metric, not the state
	for range mapAt(m, time.Now()) {
	}

	//weir:encoding made by a producer, replicas keep the bytes as sent
	_, _ = proto.Marshal(msg)

	var mu sync.Mutex
	mu.Lock()
	defer mu.Unlock()
	//weir:clock feeds a metric, not the state
	return time.Now()
}

func mapAt(m map[string]int, _ time.Time) map[string]int { return m }
