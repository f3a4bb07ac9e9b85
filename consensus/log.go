package consensus

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"

	cmtlog "github.com/cometbft/cometbft/libs/log"
)

// failureMessage is what CometBFT's consensus logs when it has recovered a panic and stopped.
const failureMessage = "CONSENSUS FAILURE"

// alarm turns the first consensus failure into a closed channel.
type alarm struct {
	once   sync.Once
	failed chan struct{}
	err    error // written before failed is closed
}

func (a *alarm) raise(err error) {
	a.once.Do(func() {
		a.err = err
		close(a.failed)
	})
}

// logger passes CometBFT's log to slog and watches it for the consensus failure, because
// CometBFT goes on serving after one and offers no other sign.
type logger struct {
	to    *slog.Logger
	alarm *alarm
}

var _ cmtlog.Logger = logger{}

func (l logger) Debug(msg string, kv ...any) { l.to.Debug(msg, kv...) }
func (l logger) Info(msg string, kv ...any)  { l.to.Info(msg, kv...) }
func (l logger) Warn(msg string, kv ...any)  { l.to.Warn(msg, kv...) }

func (l logger) Error(msg string, kv ...any) {
	l.to.Error(msg, kv...)
	if strings.HasPrefix(msg, failureMessage) {
		var reason any = "unknown reason"
		for i := 0; i+1 < len(kv); i += 2 {
			if kv[i] == "err" {
				reason = kv[i+1]
			}
		}
		l.alarm.raise(fmt.Errorf("consensus: failure: %v", reason))
	}
}

func (l logger) With(kv ...any) cmtlog.Logger { return logger{l.to.With(kv...), l.alarm} }
