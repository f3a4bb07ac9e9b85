//go:build !unix

package testnet

import (
	"errors"
	"os"
	"os/exec"
)

// signal is what a process can be sent. Only killing works everywhere.
type signal int

const (
	signalKill signal = iota
	signalPause
	signalResume
	signalStop
)

func (s signal) send(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if s == signalKill || s == signalStop {
		return p.Kill()
	}
	return errors.New("this system cannot pause a process")
}

// alive reports whether there is a process with this id.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release() // only its existence was asked for
	return true
}

func ownGroup(*exec.Cmd) {}
