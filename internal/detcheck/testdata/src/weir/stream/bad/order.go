// Package bad has a specimen of everything that is reported.
package bad

import (
	"maps"
	"reflect"
	"slices"
	"sort"
	"sync"
)

type table map[string]int

func order[M ~map[string]int](m map[string]int, t table, g M, s *sync.Map, v reflect.Value) {
	for range m { // want `range over a map in replicated code: walk slices.Sorted`
	}
	for range t { // want `range over a map`
	}
	for range g { // want `range over a map`
	}
	for range maps.Keys(m) { // want `maps.Keys in replicated code`
	}
	for range maps.Values(m) { // want `maps.Values in replicated code`
	}
	for range maps.All(m) { // want `maps.All in replicated code`
	}
	_ = slices.Collect(maps.Keys(m))                      // want `maps.Keys in replicated code`
	keys := maps.Keys[map[string]int]                     // want `maps.Keys in replicated code`
	_ = slices.Sorted(keys(m))                            // the mention above is what is reported
	s.Range(func(any, any) bool { return true })          // want `\(\*sync.Map\).Range in replicated code`
	_ = v.MapKeys()                                       // want `\(reflect.Value\).MapKeys in replicated code`
	_ = v.MapRange()                                      // want `\(reflect.Value\).MapRange in replicated code`
	sort.Slice(nil, func(int, int) bool { return false }) // want `sort.Slice in replicated code`
	sort.Sort(nil)                                        // want `sort.Sort in replicated code`
}
