//go:build unix

package testnet

import (
	"os/exec"
	"syscall"
)

// signal is what a process can be sent.
type signal syscall.Signal

const (
	signalKill   = signal(syscall.SIGKILL)
	signalPause  = signal(syscall.SIGSTOP)
	signalResume = signal(syscall.SIGCONT)
	signalStop   = signal(syscall.SIGTERM)
)

func (s signal) send(pid int) error { return syscall.Kill(pid, syscall.Signal(s)) }

// alive reports whether there is a process with this id.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}

// ownGroup puts the process in a process group of its own.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
