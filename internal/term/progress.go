package term

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	barWidth   = 30
	redrawEach = 100 * time.Millisecond // on a terminal
	lineEach   = 2 * time.Second        // elsewhere: whole lines, fewer of them
)

// Progress shows how much of a known amount is done. It is safe for concurrent use.
type Progress struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	unit     string
	total    uint64
	done     uint64
	start    time.Time
	drawn    time.Time
	note     string
}

// NewProgress starts a bar of total units, such as "rows".
func NewProgress(out io.Writer, unit string, total uint64) *Progress {
	now := time.Now()
	return &Progress{
		out: out, terminal: IsTerminal(out), unit: unit, total: total, start: now, drawn: now,
	}
}

// Add notes n more units as done.
func (p *Progress) Add(n uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	every := lineEach
	if p.terminal {
		every = redrawEach
	}
	if now := time.Now(); now.Sub(p.drawn) >= every {
		p.draw(now)
	}
}

// Note shows a remark behind the bar from now on.
func (p *Progress) Note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note = text
	p.draw(time.Now())
}

// Done returns how many units are done.
func (p *Progress) Done() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// Finish draws the bar a last time and ends its line.
func (p *Progress) Finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draw(time.Now())
	if p.terminal {
		fmt.Fprintln(p.out)
	}
}

// draw writes the bar; the caller holds the lock.
func (p *Progress) draw(now time.Time) {
	p.drawn = now
	line := p.line(now)
	if p.terminal {
		fmt.Fprintf(p.out, "\r%s\x1b[K", line)
		return
	}
	fmt.Fprintln(p.out, line)
}

// line renders the bar: [#####     ]  50%  10000/20000 rows  5000/s  note
func (p *Progress) line(now time.Time) string {
	share := 1.0
	if p.total > 0 {
		share = min(1, float64(p.done)/float64(p.total))
	}
	full := int(share * barWidth)
	rate := 0.0
	if s := now.Sub(p.start).Seconds(); s > 0 {
		rate = float64(p.done) / s
	}
	text := fmt.Sprintf("  [%s%s] %3.0f%%  %d/%d %s  %.0f/s", strings.Repeat("#", full),
		strings.Repeat(" ", barWidth-full), 100*share, p.done, p.total, p.unit, rate)
	if p.note != "" {
		text += "  " + p.note
	}
	return text
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
