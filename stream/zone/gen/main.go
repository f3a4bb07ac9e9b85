package main

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

//go:embed abbreviations.txt
var abbreviations string

func main() {
	from := flag.String("zip", "", "zoneinfo.zip")
	release := flag.String("release", "", "its release of the tz database")
	out := flag.String("out", "zones.bin", "file to write")
	flag.Parse()
	b, err := generate(*from, *release)
	if err == nil {
		err = os.WriteFile(*out, b, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func generate(from, release string) ([]byte, error) {
	z, err := zip.OpenReader(from)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	tables, names := map[string]int{}, map[string]int{}
	var list []string
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		t, err := table(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if _, ok := tables[string(t)]; !ok {
			tables[string(t)] = len(list)
			list = append(list, string(t))
		}
		names[f.Name] = tables[string(t)]
	}
	b := text(nil, release)
	b = binary.AppendUvarint(b, uint64(len(list)))
	b = append(b, strings.Join(list, "")...)
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, n := range slices.Sorted(maps.Keys(names)) {
		b = binary.AppendUvarint(text(b, n), uint64(names[n]))
	}
	short := strings.Split(strings.TrimSpace(abbreviations), "\n")
	b = binary.AppendUvarint(b, uint64(len(short)))
	for _, line := range short {
		name, offset, _ := strings.Cut(line, " ")
		n, err := strconv.ParseInt(offset, 10, 32)
		if err != nil {
			return nil, err
		}
		b = binary.AppendVarint(text(b, name), n)
	}
	return b, nil
}

func text(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// table reads a TZif file of version 2 or later and writes it in short.
func table(data []byte) ([]byte, error) {
	if len(data) < 44 || string(data[:4]) != "TZif" || data[4] < '2' {
		return nil, fmt.Errorf("no TZif file of version 2")
	}
	count := func(head []byte, i int) int { return int(binary.BigEndian.Uint32(head[20+4*i:])) }
	isut, isstd, leap := count(data, 0), count(data, 1), count(data, 2)
	times, types, chars := count(data, 3), count(data, 4), count(data, 5)
	head := data[44+times*5+types*6+chars+leap*8+isstd+isut:]
	isut, isstd, leap = count(head, 0), count(head, 1), count(head, 2)
	times, types, chars = count(head, 3), count(head, 4), count(head, 5)
	body := head[44:]
	at, idx := body[:times*8], body[times*8:times*9]
	infos := body[times*9:][:types*6]
	foot := string(bytes.TrimSpace(body[times*9+types*6+chars+leap*12+isstd+isut:]))
	b := binary.AppendUvarint(nil, uint64(types))
	for i := range types {
		b = binary.AppendVarint(b, int64(int32(binary.BigEndian.Uint32(infos[6*i:]))))
	}
	b = binary.AppendUvarint(b, uint64(times))
	last := int64(0)
	for i := range times {
		t := int64(binary.BigEndian.Uint64(at[8*i:]))
		b = append(binary.AppendVarint(b, t-last), idx[i])
		last = t
	}
	return rule(b, foot)
}

// rule writes what a POSIX TZ string says of the time after the last transition.
func rule(b []byte, s string) ([]byte, error) {
	std, s, err := named(s)
	if err != nil {
		return nil, err
	}
	if s == "" {
		return binary.AppendVarint(append(b, 0), -std), nil
	}
	dst := std - 3600
	name, rest, _ := strings.Cut(s, ",")
	if at := nameEnd(name); at < len(name) {
		if dst, name, err = named(name); err != nil || name != "" {
			return nil, fmt.Errorf("odd rule %q", s)
		}
	}
	b = binary.AppendVarint(binary.AppendVarint(append(b, 1), -std), -dst)
	for _, part := range strings.Split(rest, ",") {
		day, clock, timed := strings.Cut(part, "/")
		sec := int64(2 * 3600)
		if timed {
			if sec, err = seconds(clock); err != nil {
				return nil, err
			}
		}
		var m, w, d int64
		if n, err := fmt.Sscanf(day, "M%d.%d.%d", &m, &w, &d); n != 3 || err != nil {
			return nil, fmt.Errorf("odd rule %q", part)
		}
		for _, v := range []int64{m, w, d, sec} {
			b = binary.AppendVarint(b, v)
		}
	}
	return b, nil
}

func nameEnd(s string) int {
	if strings.HasPrefix(s, "<") {
		return strings.IndexByte(s, '>') + 1
	}
	return len(s) - len(strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
}

// named reads a name and an offset, positive to the west.
func named(s string) (offset int64, rest string, err error) {
	s = s[nameEnd(s):]
	n := len(s) - len(strings.TrimLeft(s, "+-0123456789:"))
	offset, err = seconds(s[:n])
	return offset, s[n:], err
}

func seconds(s string) (int64, error) {
	neg := strings.HasPrefix(s, "-")
	total, unit := int64(0), int64(3600)
	for _, p := range strings.Split(strings.TrimLeft(s, "+-"), ":") {
		n, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return 0, err
		}
		total, unit = total+n*unit, unit/60
	}
	if neg {
		total = -total
	}
	return total, nil
}
