package pgwire

import "time"

// Limits bound what clients can make a server hold. Zero fields take the defaults.
type Limits struct {
	// Connections that have a session; beyond it 53300. As many again may be in startup, so
	// that a full server still takes CancelRequests.
	Connections int
	// MessageBytes is the largest message body; beyond it the connection ends with 54000.
	MessageBytes int
	// Statements and Portals that one session may hold; beyond them 53400.
	Statements, Portals int
	// Startup bounds the time from accept to a finished startup.
	Startup time.Duration
	// Message bounds the time between the first and the last byte of a message.
	Message time.Duration
	// Idle bounds the time between two messages; negative for no bound.
	Idle time.Duration
	// Write bounds the time in which a client must take one write of at most flushBytes and
	// a row; it is what ends a connection whose client has stopped reading.
	Write time.Duration
}

// The defaults of Limits. Sessions may idle for ever, as PostgreSQL's may.
const (
	DefaultConnections  = 100
	DefaultMessageBytes = 1 << 20
	DefaultStatements   = 1000
	DefaultPortals      = 1000
	DefaultStartup      = 10 * time.Second
	DefaultMessage      = time.Minute
	DefaultIdle         = -1
	DefaultWrite        = 5 * time.Minute
)

// flushBytes is how much output is collected before it is written unasked.
const flushBytes = 64 << 10

func (l Limits) withDefaults() Limits {
	orInt := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	orTime := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	orInt(&l.Connections, DefaultConnections)
	orInt(&l.MessageBytes, DefaultMessageBytes)
	orInt(&l.Statements, DefaultStatements)
	orInt(&l.Portals, DefaultPortals)
	orTime(&l.Startup, DefaultStartup)
	orTime(&l.Message, DefaultMessage)
	orTime(&l.Idle, DefaultIdle)
	orTime(&l.Write, DefaultWrite)
	return l
}
