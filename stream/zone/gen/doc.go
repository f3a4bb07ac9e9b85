// Command gen writes zones.bin from the zoneinfo.zip of a Go distribution. Usage, in stream/zone:
//
//	go run ./gen -zip $(go env GOROOT)/lib/time/zoneinfo.zip -release 2025c
//
// The format: the release, the number of tables, the tables, the number of names, for each name and
// its table; the number of abbreviations, for each its name and seconds east of UTC. Numbers are
// varints, texts have their length before them. A table: the offsets, the transitions (the seconds
// since the one before, the number of the offset from there on), and the rule: 0 none, 1 standard
// and summer offset with the beginning and the end of summer as month, week, day, second.
package main
